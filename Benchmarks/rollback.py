"""Going back under full load."""

import json
import signal
import statistics
import subprocess

from common import NGINX, RUNS, Ingot, commit, milliseconds, run, service, timed


def rollback(folder):
    source = service(folder / "service", ["bench"], NGINX)
    ingot = Ingot(folder)
    load = None
    try:
        ingot("build", cwd=source)
        ingot("deploy", "bench", run("git", "rev-parse", "HEAD", cwd=source).strip(), cwd=source)
        load = subprocess.Popen(
            ["wrk", "-t1", "-c16", "-d1h", "-H", "Host: bench.localhost", f"http://127.0.0.1:{ingot.port}/"],
            stdout=subprocess.PIPE, text=True)
        last_requests, commands = [], []
        for number in range(max(3, RUNS // 2)):
            (source / "www/index.html").write_text(f"hello {number}\n")
            commit(source, f"version {number}")
            ingot("build", cwd=source)
            ingot("deploy", "bench", run("git", "rev-parse", "HEAD", cwd=source).strip(), cwd=source)
            commands.append(timed(lambda: ingot("rollback", "bench", cwd=source)))
            record = json.loads(ingot("history", "bench", "--output", "json", cwd=source))[0]
            proof = record["proof"]
            # The proof counts from the planner's decision; the goal counts from the acceptance before it.
            decided = next(step["at"] for step in record["steps"] if step["what"].endswith("traffic moves"))
            waited = milliseconds(decided) - milliseconds(record["acceptedAt"])
            last_requests.append((proof["decisionToSwitch"], waited + max(0, proof["switchToLastOldRequest"])))
        load.send_signal(signal.SIGINT)
        output = load.communicate()[0]
        load = None
        records = json.loads(ingot("history", "bench", "--output", "json", cwd=source))
        failed = sum(t["served"][k] for r in records for t in r["proof"]["releases"] for k in ("serverErrors", "unanswered", "cut"))
        last = [after for _, after in last_requests]
        print("\nrollback: while the old release is warm, under full load")
        print(f"  accepted to split in force                     median {statistics.median(d for d, _ in last_requests):6.0f} ms")
        print(f"  accepted to last request on the bad release    median {statistics.median(last):6.0f} ms   most {max(last)} ms   n={len(last)}")
        print(f"  the whole command                              median {statistics.median(commands) * 1000:6.0f} ms")
        print(f"  failed requests                                {failed:6}")
        print("  " + "\n  ".join(line for line in output.splitlines() if "Requests/sec" in line or "errors" in line or "Non-2xx" in line))
        print(f"  to reach: 20 ms and 0 failed   {'reached' if max(last) <= 20 and failed == 0 else 'MISSED'}")
    finally:
        if load:
            load.kill()
        ingot.end()
