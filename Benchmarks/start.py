"""From the decision to the first answer."""

import json
import time

from common import RUNS, Docker, Ingot, answers, free_port, milliseconds, report, service, timed, wait


def start(folder):
    names = [f"bench-{number}" for number in range(RUNS + 1)]
    source = service(folder / "service", names)
    ingot, docker = Ingot(folder), Docker(folder)
    try:
        image = json.loads(ingot("build", "--output", "json", cwd=source))["image"]
        docker("build", "-q", "-t", "bench", source)
        times = {"ingot, from its decision": [], "ingot, the whole command": [], "docker run -p": [], "docker run --network host": []}

        def ingot_start(name):
            process = ingot.start("deploy", name, image, cwd=source)
            wait(f"{name} answers", lambda: answers(ingot.port, f"{name}.localhost"))
            return process

        def docker_start(port, *arguments):
            docker("run", "-d", "--name", "bench", *arguments, "bench", *(["httpd", "-f", "-p", str(port), "-h", "/www"] if "host" in arguments else []))
            wait("docker's container answers", lambda: answers(port, "localhost"))

        for number, name in enumerate(names):
            process = None

            def own():
                nonlocal process
                process = ingot_start(name)

            elapsed = {"ingot, the whole command": timed(own)}
            answered = time.time() * 1000
            process.wait()
            accepted = json.loads(ingot("history", name, "--output", "json", cwd=source))[0]["acceptedAt"]
            elapsed["ingot, from its decision"] = (answered - milliseconds(accepted)) / 1000
            port = free_port()
            elapsed["docker run -p"] = timed(lambda: docker_start(port, "-p", f"127.0.0.1:{port}:8080"))
            docker("rm", "-f", "bench")
            port = free_port()
            elapsed["docker run --network host"] = timed(lambda: docker_start(port, "--network", "host", "--entrypoint", "/bin/busybox"))
            docker("rm", "-f", "bench")
            if number > 0:  # the first is the warm-up
                for key, value in elapsed.items():
                    times[key].append(value)
        decision, command = "ingot, from its decision", "ingot, the whole command"
        report("start: decision to first HTTP 200, through the router, image in the store", times,
               [(decision, "docker run -p", 0.25), (decision, "docker run --network host", 1.0),
                (command, "docker run -p", None), (command, "docker run --network host", None)])
    finally:
        ingot.end()
        docker.end()
