"""HTTP: the page, new entries, readiness, and a graceful end."""

import html
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from . import VERSION
from .book import Book, Closed

LONGEST_BODY = 8_192


def page(title, entries, notice):
    """The whole page. Everything that somebody wrote is escaped."""
    items = "".join(f"<li>{html.escape(entry)}</li>" for entry in entries)
    note = f"<p role=status>{html.escape(notice)}</p>" if notice else ""
    return (
        f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title>"
        f"<h1>{html.escape(title)}</h1>{note}"
        "<form method=post action=/entries><input name=text maxlength=500 required><button>Sign</button></form>"
        f"<ul>{items}</ul><footer>version {html.escape(VERSION)}</footer>"
    )


class Requests:
    """Counts the requests that are being answered, so that the end can wait for them."""

    def __init__(self):
        self.condition = threading.Condition()
        self.running = 0
        self.ending = False

    def begin(self):
        with self.condition:
            self.running += 1

    def finish(self):
        with self.condition:
            self.running -= 1
            self.condition.notify_all()

    def end(self, deadline_seconds):
        """Waits until none is running; False when the deadline has passed first."""
        with self.condition:
            self.ending = True
            return self.condition.wait_for(lambda: self.running == 0, timeout=deadline_seconds)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 75
    # Answer in one segment: headers and body are written together.
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle_one_request(self):
        self.is_counted = False
        try:
            super().handle_one_request()
        finally:
            if self.is_counted:
                self.server.requests.finish()

    def parse_request(self):
        # A request counts from its first line on: one that is half sent when the service is told to end is answered too.
        self.server.requests.begin()
        self.is_counted = True
        return super().parse_request()

    def do_GET(self):
        if self.path == "/healthz":
            return self.answer(503 if self.server.requests.ending else 200, "ending\n" if self.server.requests.ending else "ready\n", "text/plain")
        if self.path != "/":
            return self.answer(404, "no such page\n", "text/plain")
        try:
            entries, notice = self.server.book.entries(), ""
        except Closed as closed:
            entries, notice = [], f"The book is closed: {closed}."
        self.answer(200, page(self.server.title, entries, notice))

    do_HEAD = do_GET

    def do_POST(self):
        if self.path != "/entries":
            return self.answer(404, "no such page\n", "text/plain")
        try:
            length = int(self.headers.get("Content-Length", ""))
        except ValueError:
            return self.answer(411, "a Content-Length is needed\n", "text/plain", close=True)
        if not 0 <= length <= LONGEST_BODY:
            return self.answer(413, f"at most {LONGEST_BODY} bytes\n", "text/plain", close=True)
        form = parse_qs(self.rfile.read(length).decode(errors="replace"))
        try:
            self.server.book.add("".join(form.get("text", [])[:1]))
        except ValueError as error:
            return self.answer(400, f"{error}\n", "text/plain")
        except Closed as closed:
            return self.answer(503, f"The book is closed: {closed}.\n", "text/plain")
        self.answer(303, "", "text/plain", location="/")

    def answer(self, status, text, media_type="text/html; charset=utf-8", location=None, close=False):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Version", VERSION)
        if location:
            self.send_header("Location", location)
        if close or self.server.requests.ending:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log_request(self, code="-", size="-"):
        pass  # the router logs requests; the service logs what only it knows

    def log_message(self, format, *arguments):
        print(format % arguments, file=sys.stderr, flush=True)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address, book, title):
        super().__init__(address, Handler)
        self.book = book
        self.title = title
        self.requests = Requests()


def main():
    port = int(os.environ.get("PORT", "8080"))
    grace_seconds = float(os.environ.get("GUESTBOOK_GRACE_SECONDS", "8"))
    server = Server(("", port), Book.from_environment(), os.environ.get("GUESTBOOK_TITLE", "Guestbook"))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    print(f"guestbook {VERSION} listens on port {port}", flush=True)
    stopping.wait()
    server.shutdown()
    answered = server.requests.end(grace_seconds)
    print("ended: every request was answered" if answered else "ended: some requests were still running", flush=True)
    return 0 if answered else 1
