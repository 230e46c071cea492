package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

// `service probe` asks the service itself: there is no other program in the image.
func main() {
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		answer, err := http.Get("http://127.0.0.1:8080/")
		if err != nil {
			log.Fatal(err)
		}
		io.Copy(os.Stdout, answer.Body)
		return
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello from go") })
	log.Fatal(http.ListenAndServe(":8080", nil))
}
