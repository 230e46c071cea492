"""A build in which nothing has changed."""

import os
import subprocess

from common import INGOT, RUNS, Docker, commit, report, run, service, timed


def rebuild(folder):
    source = service(folder / "service", ["bench"])
    for number in range(2_000):
        file = source / "www" / f"{number % 40}" / f"{number}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"file {number}\n" * 20)
    commit(source, "2,000 files")
    environment = dict(os.environ, INGOT_ROOT=str(folder / "root"))
    docker = Docker(folder)
    storage = ["--root", folder / "buildah", "--runroot", folder / "buildah-run", "--storage-driver", "overlay"]
    builders = {
        "ingot build": lambda: run(INGOT, "build", cwd=source, env=environment),
        "docker build (BuildKit)": lambda: docker("build", "-q", "-t", "bench", source),
        "buildah build --layers": lambda: run("buildah", *storage, "build", "--isolation", "chroot", "--layers", "-q", "-t", "bench", source),
    }
    try:
        times = {name: [] for name in builders}
        for build in builders.values():
            build()
        # Each index distrusts what is younger than itself: the second build settles it.
        for build in builders.values():
            build()
        for _ in range(RUNS):
            for name, build in builders.items():
                times[name].append(timed(build))
        report("rebuild: an unchanged tree of 2,000 files", times,
               [("ingot build", "docker build (BuildKit)", 0.4), ("ingot build", "buildah build --layers", 0.1)])
    finally:
        docker.end()
        subprocess.run([INGOT, "shutdown", "--yes"], env=environment, capture_output=True)  # takes the layers' mounts down
        subprocess.run(["buildah", *map(str, storage), "rm", "--all"], capture_output=True)
