"""A rival of rollouts: Docker Swarm, with HAProxy of this machine before it."""

import json
import subprocess

from common import Docker, answers_at, milliseconds, wait

# The retries are those of Ingot's own configuration. Swarm tells HAProxy of its tasks by DNS, which is asked every 100 ms.
HAPROXY = """\
global
    maxconn 4000
defaults
    mode http
    timeout connect 2s
    timeout client 1m
    timeout server 1m
    timeout http-keep-alive 30s
    timeout check 2s
    timeout queue 5s
    retries 3
    option redispatch 1
    retry-on conn-failure empty-response junk-response
    option http-keep-alive
    http-reuse safe
    balance roundrobin
resolvers swarm
    nameserver dns 127.0.0.11:53
    accepted_payload_size 8192
    timeout resolve 100ms
    timeout retry 100ms
    hold valid 100ms
    hold obsolete 0s
frontend public
    bind :8000
    default_backend web
backend web
    option httpchk GET /
    default-server check inter 100ms rise 1 fall 3 observe layer4 error-limit 1 on-error mark-down init-addr none resolvers swarm resolve-prefer ipv4
    server-template web 1-30 tasks.web:8080
"""


class Swarm:
    """A service of one node, started first and replaced all at once, found by DNS (`dnsrr`): Swarm's own ingress needs IPVS, which not
    every kernel has."""

    def __init__(self, folder, replicas):
        self.docker = Docker(folder)
        self.folder = folder
        self.replicas = replicas
        self.haproxy = None
        self.docker("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:0")
        self.docker("network", "create", "--driver", "overlay", "--attachable", "bench")

    def build(self, source, version):
        self.docker("build", "-q", "-t", f"bench:{version}", source)

    def create(self, version):
        """The service, and HAProxy in a network namespace of its network."""
        order = [word for kind in ("update", "rollback") for word in
                 (f"--{kind}-order", "start-first", f"--{kind}-parallelism", str(self.replicas), f"--{kind}-monitor", "1s")]
        # nginx ends gracefully by SIGQUIT only.
        self.docker("service", "create", "--detach", "--name", "web", "--replicas", str(self.replicas), "--network", "bench",
                    "--endpoint-mode", "dnsrr", "--stop-signal", "SIGQUIT", *order, f"bench:{version}")
        self.docker("run", "--detach", "--name", "haproxy", "--network", "bench", f"bench:{version}")
        pid = self.docker("inspect", "--format", "{{.State.Pid}}", "haproxy").strip()
        (self.folder / "haproxy.cfg").write_text(HAPROXY)
        log = open(self.folder / "haproxy.log", "w")
        self.haproxy = subprocess.Popen(["nsenter", "-t", pid, "-n", "haproxy", "-db", "-f", self.folder / "haproxy.cfg"], stdout=log, stderr=log)
        containers = json.loads(self.docker("network", "inspect", "docker_gwbridge"))[0]["Containers"]
        own = self.docker("inspect", "--format", "{{.Id}}", "haproxy").strip()
        self.address = next(entry["IPv4Address"].split("/")[0] for key, entry in containers.items() if own.startswith(key) or key == own)
        self.port = 8000
        wait("Swarm's service answers", lambda: answers_at(self.address, self.port, "web"))
        wait("all of Swarm's tasks run", lambda: self.running() == self.replicas)

    def running(self):
        return self.docker("service", "ps", "web", "--filter", "desired-state=running", "--format", "{{.CurrentState}}").count("Running")

    def update(self, version):
        self.docker("service", "update", "--detach", "--image", f"bench:{version}", "web")
        return self.completion()

    def rollback(self):
        self.docker("service", "rollback", "--detach", "web")
        return self.completion()

    def completion(self):
        """Waits for the end; when it began and when it ended, as Swarm says, in milliseconds since 1970."""
        status = {}

        def is_over():
            nonlocal status
            status = json.loads(self.docker("service", "inspect", "web"))[0].get("UpdateStatus", {})
            return status.get("State") in ("completed", "rollback_completed", "paused", "rollback_paused")

        wait("Swarm's update is complete", is_over, 120)
        if status["State"] not in ("completed", "rollback_completed"):
            raise SystemExit(f"Swarm's update ended as {status['State']}: {status.get('Message')}")
        wait("all of Swarm's tasks run", lambda: self.running() == self.replicas)
        return milliseconds(status["StartedAt"]), milliseconds(status["CompletedAt"])

    def end(self):
        if self.haproxy:
            self.haproxy.terminate()
            self.haproxy.wait()
        for words in (["rm", "--force", "haproxy"], ["swarm", "leave", "--force"]):
            subprocess.run([self.docker.program, *words], env=self.docker.environment, capture_output=True)
        self.docker.end()
        # Swarm's own bridge, which Docker leaves behind.
        subprocess.run(["ip", "link", "delete", "docker_gwbridge"], capture_output=True)
