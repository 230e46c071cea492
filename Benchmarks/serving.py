"""64 pulls of a blob of 100 MB side by side, from the registry that Ingot serves and from docker-registry."""

import hashlib
import json
import os
import random
import re
import select
import socket
import statistics
import subprocess
import time

from common import INGOT, RUNS, free_port, run, wait
from registry import Registry

BLOB = 100_000_000
PULLS = 64
SECONDS = 15
MEMORY_MB = 200


class Served:
    """A daemon with a registry, and a token for it."""

    def __init__(self, folder):
        self.host = f"127.0.0.1:{free_port()}"
        self.environment = dict(os.environ, INGOT_ROOT=str(folder / "root"), NO_COLOR="1")
        self.log = open(folder / "daemon.log", "w")
        self.process = subprocess.Popen(
            [INGOT, "serve", "--bind", f"127.0.0.1:{free_port()}", "--registry", self.host], env=self.environment, stdout=self.log, stderr=self.log)
        wait("the registry answers", lambda: subprocess.run(
            ["curl", "-s", "-o", "/dev/null", f"http://{self.host}/v2/"], capture_output=True).returncode == 0)
        made = run(INGOT, "registry", "token", "create", "bench", "--repository", "**", "--push", "--output", "json", env=self.environment)
        self.headers = [f"Authorization: Bearer {json.loads(made)['secret']}"]

    def end(self):
        subprocess.run([INGOT, "shutdown", "--yes"], env=self.environment, capture_output=True)
        self.process.terminate()
        self.process.wait()
        self.log.close()


def push(host, headers, file, digest):
    """In the way that every registry knows: a session, then all of it."""
    options = [word for header in headers for word in ["-H", header]]
    answer = run("curl", "-fsS", "-D", "-", "-o", "/dev/null", "-X", "POST", *options, f"http://{host}/v2/bench/blobs/uploads/")
    location = re.search(r"(?im)^location: *(\S+)", answer).group(1)
    url = location if location.startswith("http") else f"http://{host}{location}"
    run("curl", "-fsS", "-T", file, "-H", "Content-Type: application/octet-stream", *options, f"{url}{'&' if '?' in url else '?'}digest={digest}")


def most_memory(process):
    """What the process has had at most, in MB."""
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) * 1024 / 1e6 for line in status if line.startswith("VmHWM"))


class Pull:
    """One client: it asks for the blob again and again, and lets the kernel throw away what comes, so that it costs the least."""

    def __init__(self, host, headers, digest):
        address, port = host.rsplit(":", 1)
        self.socket = socket.create_connection((address, int(port)))
        lines = [f"GET /v2/bench/blobs/{digest} HTTP/1.1", f"Host: {host}", *headers]
        self.request = "\r\n".join([*lines, "", ""]).encode()
        self.head = b""
        self.left = 0
        self.socket.sendall(self.request)

    def read(self, scratch):
        """How many bytes of the blob came."""
        if self.left:
            # Source: tcp(7), MSG_TRUNC.
            count = self.socket.recv_into(scratch, min(self.left, len(scratch)), socket.MSG_TRUNC)
            self.left -= count
            if not count:
                raise SystemExit("a pull was cut off")
            if not self.left:
                self.socket.sendall(self.request)
            return count
        self.head += self.socket.recv(4096)
        if b"\r\n\r\n" not in self.head:
            return 0
        head, body = self.head.split(b"\r\n\r\n", 1)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"a pull was answered with {head.decode()}")
        self.left = int(re.search(rb"(?i)content-length: *(\d+)", head).group(1)) - len(body)
        self.head = b""
        return len(body)


def pull(host, headers, digest):
    """Bytes a second."""
    pulls, ready, scratch = {}, select.epoll(), bytearray(1 << 20)
    for _ in range(PULLS):
        one = Pull(host, headers, digest)
        pulls[one.socket.fileno()] = one
        ready.register(one.socket.fileno(), select.EPOLLIN)
    begin, count = time.monotonic(), 0
    while (elapsed := time.monotonic() - begin) < SECONDS:
        for number, _ in ready.poll(1):
            count += pulls[number].read(scratch)
    for one in pulls.values():
        one.socket.close()
    return count / elapsed


def serving(folder):
    file = folder / "blob"
    file.write_bytes(random.Random(1).randbytes(BLOB))
    digest = "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    (folder / "ingot").mkdir()
    (folder / "rival").mkdir()
    sides = {}
    try:
        served = Served(folder / "ingot")
        sides["ingot serve --registry"] = served, served.headers
        sides["docker-registry"] = Registry(folder / "rival"), []
        rates = {name: [] for name in sides}
        for server, headers in sides.values():
            push(server.host, headers, file, digest)
        for _ in range(min(RUNS, 5)):
            for name, (server, headers) in sides.items():
                rates[name].append(pull(server.host, headers, digest))
        print(f"\nserving: {PULLS} pulls of {BLOB / 1e6:.0f} MB side by side, {SECONDS} s")
        memory = {name: most_memory(server.process) for name, (server, _) in sides.items()}
        for name, values in rates.items():
            print(f"  {name:<26} median {statistics.median(values) / 1e6:8.0f} MB/s   least {min(values) / 1e6:8.0f}   most {max(values) / 1e6:8.0f}"
                  f"   memory {memory[name]:6.0f} MB   n={len(values)}")
        own, rival = (statistics.median(values) for values in rates.values())
        used = memory["ingot serve --registry"]
        isReached = own >= rival and used < MEMORY_MB
        print(f"  to reach: 1.0 of docker-registry's, below {MEMORY_MB} MB: {own / rival:.2f}, {used:.0f} MB   {'reached' if isReached else 'MISSED'}",
              flush=True)
    finally:
        for server, _ in sides.values():
            server.end()
