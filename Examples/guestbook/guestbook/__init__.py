"""A guestbook: a small service that is a good tenant of immutable infrastructure.

It keeps nothing in the instance: entries stand in Redis. It says when it is ready, ends gracefully,
and logs to standard output.
"""

VERSION = "1"
