"""The entries, kept in Redis, or nowhere."""

import os

LONGEST_ENTRY = 500
SHOWN_ENTRIES = 50
KEY = "guestbook:entries"


class Closed(Exception):
    """The book cannot be read or written at the moment; the message says why."""


class Book:
    """Entries in Redis. Without an address the book is closed: the page says so, and nothing is lost silently."""

    def __init__(self, address):
        self.address = address
        self.client = None

    @classmethod
    def from_environment(cls, environment=os.environ):
        return cls(environment.get("GUESTBOOK_REDIS", ""))

    def connection(self):
        if not self.address:
            raise Closed("no GUESTBOOK_REDIS is configured")
        if self.client is None:
            import redis  # only here: it takes longer to import than the rest takes to start

            host, _, port = self.address.partition(":")
            self.client = redis.Redis(host=host, port=int(port or 6379), socket_timeout=2, socket_connect_timeout=1)
        return self.client

    def add(self, text):
        text = " ".join(text.split())[:LONGEST_ENTRY]
        if not text:
            raise ValueError("an entry needs some text")
        self.call(lambda client: client.lpush(KEY, text))

    def entries(self):
        return [entry.decode(errors="replace") for entry in self.call(lambda client: client.lrange(KEY, 0, SHOWN_ENTRIES - 1))]

    def call(self, command):
        connection = self.connection()
        try:
            return command(connection)
        except OSError as error:
            raise Closed(f"Redis at {self.address} does not answer: {error}") from error
        except Exception as error:  # redis.RedisError, which is not imported here
            raise Closed(f"Redis at {self.address}: {error}") from error
