"""Going back under full load."""

import json
import statistics

from bluegreen import deploy, under_load, write
from common import NGINX, RUNS, Ingot, milliseconds, service, timed
from load import Load
from swarm import Swarm


def rollback(folder):
    source = service(folder / "service", ["bench"], NGINX)
    own(folder, source)
    rival(folder, source)


def own(folder, source):
    ingot, load = Ingot(folder), None
    try:
        write(source, "first")
        deploy(ingot, source)
        load = Load("127.0.0.1", ingot.port, "bench.localhost")
        switches, last, commands = [], [], []
        for number in range(max(3, RUNS // 2)):
            write(source, number)
            deploy(ingot, source)
            commands.append(timed(lambda: ingot("rollback", "bench", cwd=source)))
            record = json.loads(ingot("history", "bench", "--output", "json", cwd=source))[0]
            proof = record["proof"]
            # The proof counts from the planner's decision; the goal counts from the acceptance before it.
            decided = next(step["at"] for step in record["steps"] if step["what"].endswith("traffic moves"))
            waited = milliseconds(decided) - milliseconds(record["acceptedAt"])
            switches.append(proof["decisionToSwitch"])
            last.append(waited + max(0, proof["switchToLastOldRequest"]))
        _, wrk_failed, rate = load.end()
        records = json.loads(ingot("history", "bench", "--output", "json", cwd=source))
        failed = sum(t["served"][k] for r in records for t in r["proof"]["releases"] for k in ("serverErrors", "unanswered", "cut"))
        print("\nrollback: while the old release is warm, under full load")
        print(f"  accepted to split in force                     median {statistics.median(switches):6.0f} ms")
        print(f"  accepted to last request on the bad release    median {statistics.median(last):6.0f} ms   most {max(last)} ms   n={len(last)}")
        print(f"  the whole command                              median {statistics.median(commands) * 1000:6.0f} ms")
        print(f"  failed requests                                {failed:6}   by wrk's count {wrk_failed}, at {rate:.0f} a second")
        print(f"  to reach: 20 ms and 0 failed   {'reached' if max(last) <= 20 and failed + wrk_failed == 0 else 'MISSED'}", flush=True)
    finally:
        if load:
            load.kill()
        ingot.end()


def rival(folder, source):
    """The bad release's last request is one of a user who asks every millisecond: Swarm keeps no such record."""
    swarm = None
    try:
        swarm = Swarm(folder, 1)
        write(source, "good")
        swarm.build(source, "good")
        swarm.create("good")
        last, failures = [], 0
        for number in range(max(3, RUNS // 4)):
            write(source, f"bad {number}")
            swarm.build(source, f"bad-{number}")
            swarm.update(f"bad-{number}")
            (began, _), last_bad, _, failed = under_load(swarm.address, swarm.port, "web", "good", swarm.rollback)
            last.append(last_bad - began)
            failures += failed
        print(f"  docker service rollback: to last request on it median {statistics.median(last):6.0f} ms   most {max(last):.0f} ms   n={len(last)}")
        print(f"  docker service rollback: failed requests       {failures:6}")
    finally:
        if swarm:
            swarm.end()
