import threading
import unittest
import urllib.error
import urllib.request

from guestbook.book import Book, Closed
from guestbook.server import Server, page


class MemoryBook(Book):
    def __init__(self):
        super().__init__("memory")
        self.kept = []

    def call(self, command):
        return command(self)

    def lpush(self, _, text):
        self.kept.insert(0, text.encode())

    def lrange(self, _, first, last):
        return self.kept[first : last + 1]


class PageTests(unittest.TestCase):
    def test_escapes_what_people_wrote(self):
        self.assertIn("&lt;script&gt;", page("Book", ["<script>"], ""))
        self.assertNotIn("<script>", page("<script>", [], "<script>"))


class BookTests(unittest.TestCase):
    def test_is_closed_without_an_address(self):
        with self.assertRaises(Closed):
            Book("").entries()

    def test_keeps_entries_newest_first_and_short(self):
        book = MemoryBook()
        book.add("first")
        book.add("  second \n line " + "x" * 1_000)
        self.assertEqual(book.entries()[1], "first")
        self.assertTrue(book.entries()[0].startswith("second line x"))
        self.assertEqual(len(book.entries()[0]), 500)

    def test_refuses_an_entry_without_text(self):
        with self.assertRaises(ValueError):
            MemoryBook().add(" \n ")


class ServerTests(unittest.TestCase):
    def setUp(self):
        self.server = Server(("127.0.0.1", 0), MemoryBook(), "Book")
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def tearDown(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def status(self, path, data=None):
        try:
            with urllib.request.urlopen(self.url + path, data=data, timeout=5) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def test_shows_an_entry_after_it_was_written(self):
        self.assertEqual(self.status("/entries", b"text=hello+world"), 200)
        with urllib.request.urlopen(self.url, timeout=5) as answer:
            self.assertIn("<li>hello world</li>", answer.read().decode())

    def test_is_ready_until_it_ends(self):
        self.assertEqual(self.status("/healthz"), 200)
        self.assertTrue(self.server.requests.end(1))
        self.assertEqual(self.status("/healthz"), 503)

    def test_refuses_what_is_too_long_empty_or_elsewhere(self):
        self.assertEqual(self.status("/entries", b"text=" + b"x" * 9_000), 413)
        self.assertEqual(self.status("/entries", b"text="), 400)
        self.assertEqual(self.status("/elsewhere"), 404)


if __name__ == "__main__":
    unittest.main()
