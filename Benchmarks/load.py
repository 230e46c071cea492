"""Users at full speed, and one who looks which release answers."""

import http.client
import re
import signal
import subprocess
import threading
import time


class Load:
    """wrk at full speed, until it is ended."""

    def __init__(self, address, port, host):
        self.process = subprocess.Popen(
            ["wrk", "-t1", "-c16", "-d1h", "-H", f"Host: {host}", f"http://{address}:{port}/"], stdout=subprocess.PIPE, text=True)

    def end(self):
        """wrk's own counts: requests, failed ones, and requests a second."""
        self.process.send_signal(signal.SIGINT)
        return counts(self.process.communicate()[0])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def counts(output):
    """What wrk printed: requests, failed ones (errors of sockets, and answers that are no success), requests a second."""
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    answers = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    failed = sum(map(int, errors.groups())) if errors else 0
    return (int(re.search(r"(\d+) requests in", output).group(1)), failed + (int(answers.group(1)) if answers else 0),
            float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1)))


class Watcher:
    """One user after the other asks, every millisecond or as fast as there are answers, and notes when an old release was last seen."""

    def __init__(self, address, port, host):
        self.address, self.port, self.host = address, port, host
        self.last = {}
        self.failed = 0
        self.is_over = False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        connection = None
        while not self.is_over:
            try:
                connection = connection or http.client.HTTPConnection(self.address, self.port, timeout=10)
                asked = time.time() * 1000
                connection.request("GET", "/", headers={"Host": self.host})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    # It was routed after it was asked: that is at most a request's time too early.
                    self.last[body] = asked
                else:
                    self.failed += 1
            except OSError:
                self.failed += 1
                connection = None
            time.sleep(0.001)

    def end(self):
        """When each answer was last asked for, in milliseconds since 1970, and how many requests failed."""
        self.is_over = True
        self.thread.join()
        return self.last, self.failed
