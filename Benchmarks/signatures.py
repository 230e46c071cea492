"""What it costs to verify the signatures and the evidence of a release before a start."""

import json
import statistics

from common import PROJECT, run

PROGRAM = PROJECT / ".build/release/ingot-bench"
MILLISECONDS = 5


def signatures(folder):
    print("\nsignatures: a signature and four attestations of one image, from the store, each of its type and by a trusted key")
    times = json.loads(run(PROGRAM, "signatures", folder))["milliseconds"]
    median = statistics.median(times)
    print(f"  median {median:7.3f} ms   most {max(times):7.3f}   to reach: {MILLISECONDS} ms   {'reached' if median < MILLISECONDS else 'MISSED'}")
