"""Ten instances replaced under full load."""

import json
import statistics
import time

from common import NGINX, RUNS, Ingot, commit, milliseconds, run, service
from load import Load, Watcher
from swarm import Swarm

INSTANCES = 10
MONITOR_MILLISECONDS = 1_000


def bluegreen(folder):
    """One after the other, each alone on the machine: at rest both take processor time, for checks and for questions to DNS."""
    source = service(folder / "service", ["bench"], NGINX, instances=INSTANCES, warm="0s")
    versions = range(1, max(5, RUNS // 4) + 1)
    show({"ingot": alone(ingot_runs, folder, source, versions), "swarm": alone(swarm_runs, folder, source, versions)})


def alone(runs, folder, source, versions):
    write(source, 0)
    return list(runs(folder, source, versions))


def ingot_runs(folder, source, versions):
    ingot = Ingot(folder)
    try:
        deploy(ingot, source)
        for version in versions:
            write(source, version)
            ingot("build", cwd=source)
            yield own(ingot, source, version)
    finally:
        ingot.end()


def swarm_runs(folder, source, versions):
    swarm = Swarm(folder, INSTANCES)
    try:
        swarm.build(source, 0)
        swarm.create(0)
        for version in versions:
            write(source, version)
            swarm.build(source, version)
            yield rival(swarm, version)
    finally:
        swarm.end()


def write(source, version):
    (source / "www/index.html").write_text(f"version {version}\n")
    commit(source, f"version {version}")


def deploy(ingot, source):
    ingot("build", cwd=source)
    ingot("deploy", "bench", run("git", "rev-parse", "HEAD", cwd=source).strip(), cwd=source)


def under_load(address, port, host, version, action):
    """Does it under full load. What the action gives, when the old release was last asked, requests, and failed ones."""
    load, watcher = Load(address, port, host), Watcher(address, port, host)
    try:
        time.sleep(1)  # until the load is full
        moments = action()
        time.sleep(1)  # in which the old release would still be seen
        requests, failed, _ = load.end()
    finally:
        load.kill()
    last, watched_failed = watcher.end()
    old = [at for body, at in last.items() if body != f"version {version}\n".encode()]
    return moments, max(old), requests, failed + watched_failed


def own(ingot, source, version):
    commit_id = run("git", "rev-parse", "HEAD", cwd=source).strip()
    _, last_old, requests, failed = under_load(
        "127.0.0.1", ingot.port, "bench.localhost", version, lambda: ingot("deploy", "bench", commit_id, cwd=source))
    record = json.loads(ingot("history", "bench", "--output", "json", cwd=source))[0]
    accepted = milliseconds(record["acceptedAt"])
    return {"moved": last_old - accepted, "whole": milliseconds(record["endedAt"]) - accepted, "requests": requests, "failed": failed}


def rival(swarm, version):
    (began, completed), last_old, requests, failed = under_load(
        swarm.address, swarm.port, "web", version, lambda: swarm.update(version))
    return {"moved": last_old - began, "whole": completed - began, "requests": requests, "failed": failed}


def show(measured):
    def median(name, key):
        return statistics.median(entry[key] for entry in measured[name])

    print(f"\nblue-green: {INSTANCES} instances under full load, from the command's acceptance")
    for name, title in (("ingot", "ingot"), ("swarm", "docker service update")):
        entries = measured[name]
        for key, what in (("moved", "all traffic on the new release"), ("whole", "the whole of it")):
            values = [entry[key] for entry in entries]
            print(f"  {title + ', ' + what:<56} median {median(name, key):7.0f} ms   least {min(values):7.0f}   most {max(values):7.0f}   n={len(values)}")
        print(f"  {title + ', failed requests':<56} {sum(e['failed'] for e in entries):7} of {sum(e['requests'] for e in entries)}")
    moved, whole = median("ingot", "moved"), median("swarm", "whole")
    failed = sum(entry["failed"] for entry in measured["ingot"])
    for what, rival_time in (("docker service update", whole), ("the same without the second of its monitor", whole - MONITOR_MILLISECONDS)):
        ratio = moved / rival_time
        print(f"  ingot to {what:<47} {ratio:7.3f}   to reach: 0.1   {'reached' if ratio <= 0.1 else 'MISSED'}")
    print(f"  ingot to Swarm's moving of the traffic alone             {moved / median('swarm', 'moved'):7.3f}")
    print(f"  failed requests of ingot                                 {failed:7}   to reach: 0   {'reached' if failed == 0 else 'MISSED'}")
