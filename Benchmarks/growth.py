"""How time and memory grow with what is built."""

import os
import subprocess
import time

from build import busybox_folder
from common import INGOT, commit, run

MEMORY_MEBIBYTES = 300


def measured(*command, **options):
    """Runs a command; gives its seconds and the most memory that it or a child of it held, in MiB."""
    begin = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output}")
    return time.monotonic() - begin, usage.ru_maxrss / 1024


def growth(folder):
    environment = dict(os.environ, INGOT_ROOT=str(folder / "root"))
    base = folder / "base"
    busybox_folder(base / "bin")
    (base / "Dockerfile").write_text("FROM scratch\nCOPY bin /bin\n")
    run(INGOT, "build", "-q", "-t", "bench-base", base, env=environment)
    most = 0
    try:
        print("\ngrowth: files in a context                   first build        nothing changed")
        for count in (1_000, 10_000, 100_000):
            most = max(most, files(folder / f"files-{count}", count, environment))
        print("\ngrowth: instructions                         first build        nothing changed")
        for count in (10, 100, 500):
            most = max(most, instructions(folder / f"instructions-{count}", count, environment))
        print(f"\n  most memory {most:6.0f} MiB   to reach: below {MEMORY_MEBIBYTES}   {'reached' if most < MEMORY_MEBIBYTES else 'MISSED'}")
    finally:
        subprocess.run([INGOT, "shutdown", "--yes"], env=environment, capture_output=True)


def files(source, count, environment):
    for number in range(count):
        file = source / "src" / f"{number // 1_000}" / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"file {number}\n")
    (source / "Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
    return both(source, f"{count:,} files", environment)


def instructions(source, count, environment):
    source.mkdir()
    lines = ["FROM bench-base"]
    for number in range(count):
        # Half of them make a layer.
        lines.append([f"ENV KEY{number}=value", f"COPY file{number % 10} /files/{number}", f"LABEL label{number}=value", f"WORKDIR /folder/{number}"][number % 4])
    for number in range(10):
        (source / f"file{number}").write_text(f"file {number}\n")
    (source / "Dockerfile").write_text("\n".join(lines) + "\n")
    return both(source, f"{count} instructions", environment)


def both(source, name, environment):
    commit(source, "all")
    build = (INGOT, "build", "-q", source)
    first, first_memory = measured(*build, env=environment)
    measured(*build, env=environment)  # settles the index, which distrusts what is younger than itself
    second, second_memory = measured(*build, env=environment)
    print(f"  {name:<34} {first * 1000:9.0f} ms {first_memory:5.0f} MiB {second * 1000:9.0f} ms {second_memory:5.0f} MiB")
    return max(first_memory, second_memory)
