"""What the benchmarks share: the rivals, each with folders of its own, and the clock."""

import datetime
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent
INGOT = PROJECT / ".build/release/ingot"
RUNS = int(os.environ.get("RUNS", "20"))
# busybox's httpd starts in a millisecond, so that a start measures the tools.
BUSYBOX = """\
FROM scratch
COPY --chmod=755 busybox /bin/busybox
COPY www /www
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
"""
# nginx takes a full load without dropping connections; its libraries come from this machine.
NGINX = """\
FROM scratch
COPY nginx /
COPY www /www
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["/usr/sbin/nginx", "-c", "/nginx.conf"]
"""
NGINX_CONFIGURATION = """\
daemon off; master_process off; pid /tmp/nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off; client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
    server { listen 8080; root /www; }
}
"""


def run(*command, check=True, **options):
    """Runs a command to its end and gives its standard output."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if check and result.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait(what, condition, seconds=60):
    """Waits for a condition, with a bound."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.0005)
    raise SystemExit(f"after {seconds} s still not: {what}")


def answers(port, host):
    """Whether an HTTP GET is answered with 200."""
    return answers_at("127.0.0.1", port, host)


def answers_at(address, port, host):
    try:
        with socket.create_connection((address, port), timeout=1) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def add_nginx(folder):
    """nginx and what it loads, as they lie on this machine."""
    libraries = [word for word in run("ldd", "/usr/sbin/nginx").split() if word.startswith("/")]
    for path in ["/usr/sbin/nginx", *libraries]:
        target = folder / "nginx" / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    for name in ["etc", "tmp", "var/lib/nginx", "var/log/nginx"]:
        (folder / "nginx" / name).mkdir(parents=True, exist_ok=True)
        # Where the engine mounts nothing over them, the image's user writes into them.
        (folder / "nginx" / name).chmod(0o1777)
    (folder / "nginx/etc/passwd").write_text("nobody:x:1000:1000::/:/bin/false\n")
    (folder / "nginx/etc/group").write_text("nogroup:x:1000:\n")
    (folder / "nginx/nginx.conf").write_text(NGINX_CONFIGURATION)


def service(folder, environments, dockerfile=BUSYBOX, instances=1, warm="10m"):
    """A repository of the service, with one commit."""
    folder.mkdir(parents=True)
    (folder / "www").mkdir()
    (folder / "www/index.html").write_text("hello\n")
    if dockerfile == BUSYBOX:
        shutil.copy(shutil.which("busybox"), folder / "busybox")
    else:
        add_nginx(folder)
    (folder / "Dockerfile").write_text(dockerfile)
    lines = [
        "service: bench",
        "image: { dockerfile: Dockerfile }",
        "run: { port: 8080, readiness: { path: / }, writable: [/tmp, /var/lib/nginx, /var/log/nginx] }",
        "environments:",
    ]
    lines += [f"  {name}: {{ instances: {instances}, strategy: blue-green, soak: 0s, warm: {warm}, host: {name}.localhost }}" for name in environments]
    (folder / "ingot.yaml").write_text("\n".join(lines) + "\n")
    commit(folder, "first")
    return folder


def commit(folder, message):
    if not (folder / ".git").exists():
        run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)
    run("git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "-qm", message, cwd=folder)


class Ingot:
    """A daemon of its own."""

    def __init__(self, folder):
        self.port = free_port()
        self.environment = dict(os.environ, INGOT_ROOT=str(folder / "root"), NO_COLOR="1")
        self.log = open(folder / "daemon.log", "w")
        self.daemon = subprocess.Popen(
            [INGOT, "serve", "--bind", f"127.0.0.1:{self.port}"], env=self.environment, stdout=self.log, stderr=self.log)
        wait("the daemon answers", lambda: subprocess.run([INGOT, "status"], env=self.environment, capture_output=True).returncode == 0)

    def __call__(self, *arguments, **options):
        return run(INGOT, *arguments, env=self.environment, **options)

    def start(self, *arguments, **options):
        return subprocess.Popen([INGOT, *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)

    def end(self):
        subprocess.run([INGOT, "shutdown", "--yes"], env=self.environment, capture_output=True)
        self.daemon.terminate()
        self.daemon.wait()
        self.log.close()


class Docker:
    """A Docker engine of its own, with Debian's client."""

    def __init__(self, folder):
        self.program = "/usr/bin/docker"
        self.folder = folder
        socket_path = folder / "docker.sock"
        self.environment = dict(os.environ, DOCKER_HOST=f"unix://{socket_path}", DOCKER_BUILDKIT="1", BUILDX_BUILDER="")
        self.log = open(folder / "dockerd.log", "w")
        self.daemon = subprocess.Popen(
            ["dockerd", "--host", f"unix://{socket_path}", "--data-root", folder / "docker", "--exec-root", folder / "docker-exec",
             "--pidfile", folder / "docker.pid"], stdout=self.log, stderr=self.log)
        wait("dockerd answers", lambda: subprocess.run([self.program, "info"], env=self.environment, capture_output=True).returncode == 0)

    def __call__(self, *arguments, **options):
        return run(self.program, *arguments, env=self.environment, **options)

    def end(self):
        self.daemon.terminate()
        self.daemon.wait()
        self.log.close()


def milliseconds(moment):
    """Of a time such as 2026-11-23T16:18:15.042Z, since 1970."""
    return round(datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() * 1000)


def timed(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin


def report(title, times, target_lines):
    print(f"\n{title}")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"  {name:<34} median {medians[name] * 1000:8.1f} ms   least {min(values) * 1000:8.1f}   most {max(values) * 1000:8.1f}   n={len(values)}")
    for own, rival, most in target_lines:
        ratio = medians[own] / medians[rival]
        goal = f"to reach: {most}   {'reached' if ratio <= most else 'MISSED'}" if most else ""
        print(f"  {own:<34} to {rival:<26} {ratio:8.3f}   {goal}".rstrip())
