"""What one pass of the planner costs, and how that grows."""

import json
import statistics

from common import PROJECT, run

PROGRAM = PROJECT / ".build/release/ingot-bench"
MILLISECONDS = 10
# How many times dearer ten times as many instances may be: ten, and what is added by caches, which 10,000 instances do not fit into. What is
# not linear is dearer by far: a hundred times where each instance is held against each other.
LINEAR = 15
# What changes is the same. With ten times as much around it, less of it is in the processor's caches; what looks at all there is would be
# ten times dearer.
SAME = 2


def planner(folder):
    print("\nplanner: what 100 changed instances cost, each in another environment: observing, deciding, all targets")
    medians = []
    for environments in (1_000, 10_000):
        figures = json.loads(run(PROGRAM, "changed", environments))
        median = statistics.median(figures["milliseconds"])
        medians.append(median)
        print(f"  {figures['instances']:>9,} instances, {figures['fleets']:>7,} fleets, {environments:>6,} environments "
              f"median {median:7.2f} ms   most {max(figures['milliseconds']):7.2f}   (a pass of every one of them {figures['millisecondsForAll']:8.1f})")
    print(f"  to reach: below {MILLISECONDS} ms with 100,000   {'reached' if medians[0] < MILLISECONDS else 'MISSED'}")
    growth = medians[1] / medians[0]
    print(f"  ten times as many instances   {growth:5.2f} times the cost   to reach: {SAME}   {'reached' if growth <= SAME else 'MISSED'}")

    print("\nplanner: one pass of one environment, at least  at rest     half leaving   half way through rolling")
    previous = None
    worst = 0
    for instances in (10, 100, 1_000, 10_000):
        figures = json.loads(run(PROGRAM, "environment", instances))
        times = [min(figures[what]) for what in ("resting", "leaving", "rolling")]
        print(f"  {instances:>6,} instances                          " + "".join(f"{time:10.3f} ms " for time in times))
        # Below a thousand the constant part still counts.
        if instances > 1_000:
            worst = max(now / before for now, before in zip(times, previous))
        previous = times
    print(f"  10,000 to 1,000 instances   at most {worst:5.1f} times   to reach: {LINEAR} (linear)   {'reached' if worst <= LINEAR else 'MISSED'}")
