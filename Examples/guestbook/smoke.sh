#!/bin/sh
# Run by `ingot up` against a throwaway instance of the new image; its address is in INGOT_URL.
set -eu
curl --fail --silent --show-error --max-time 5 "$INGOT_URL/healthz" >/dev/null
page=$(curl --fail --silent --show-error --max-time 5 "$INGOT_URL/")
case "$page" in
    *"<h1>"*) echo "the front page answers" ;;
    *) echo "the front page has no heading: $page" >&2; exit 1 ;;
esac
# Without Redis the book must say that it is closed, and must not lose an entry silently.
status=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 5 --data 'text=hello' "$INGOT_URL/entries")
case "$status" in
    303|503) echo "an entry is written or refused: $status" ;;
    *) echo "POST /entries answered $status" >&2; exit 1 ;;
esac
