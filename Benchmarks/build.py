"""A project of three stages, five RUNs, 2,000 files and a file of 200 MB, built in all the ways that a day brings."""

import os
import pathlib
import shutil
import statistics
import subprocess

from common import INGOT, RUNS, Docker, commit, report, run, service, timed

BASE = """\
FROM scratch
COPY bin /bin
"""
PROJECT = """\
FROM bench-base AS dependencies
RUN mkdir /deps && seq 1 200000 > /deps/list
RUN for i in $(seq 1 200); do echo "library $i" > /deps/$i; done

FROM dependencies AS build
WORKDIR /src
COPY src /src
RUN cat /src/*/*.txt > /src/all
RUN sort -u /src/all > /src/sorted

FROM bench-base
COPY src /app/src
COPY data /app/data
COPY --from=build /src/sorted /app/sorted
COPY --from=dependencies /deps /deps
RUN wc -l /app/sorted > /app/count
CMD ["/bin/httpd", "-f", "-p", "8080"]
"""


def busybox_folder(folder):
    """Busybox with a name for each of its commands, as a base image has it."""
    folder.mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), folder / "busybox")
    for name in run(folder / "busybox", "--list").split():
        if name != "busybox":
            (folder / name).symlink_to("busybox")


def project(folder):
    source = service(folder / "service", ["bench"])
    (source / "Dockerfile").write_text(PROJECT)
    for number in range(2_000):
        file = source / "src" / f"{number % 40}" / f"{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"line {number}\n" * 20)
    # Half of it can be compressed, as with a real bundle of data.
    block = os.urandom(1 << 16) + b"0123456789abcdef" * (1 << 12)
    with open(source / "data", "wb") as data:
        for number in range(200 * (1 << 20) // len(block)):
            data.write(number.to_bytes(8, "little") + block[8:])
    commit(source, "the project")
    return source


class Builders:
    """The three builders, with the same base in the store of each."""

    def __init__(self, folder):
        self.source = project(folder)
        base = folder / "base"
        busybox_folder(base / "bin")
        (base / "Dockerfile").write_text(BASE)
        self.environment = dict(os.environ, INGOT_ROOT=str(folder / "root"))
        self.storage = ["--root", folder / "buildah", "--runroot", folder / "buildah-run", "--storage-driver", "overlay"]
        self.docker = Docker(folder)
        run(INGOT, "build", "-q", "-t", "bench-base", base, env=self.environment)
        self.docker("build", "-q", "-t", "bench-base", base)
        self.buildah_build(base, "bench-base")

    def ingot(self, *flags):
        run(INGOT, "build", "-q", "-t", "bench", *flags, ".", cwd=self.source, env=self.environment)

    def buildkit(self, *flags):
        self.docker("build", "-q", "-t", "bench", *flags, self.source)

    def buildah(self, *flags):
        self.buildah_build(self.source, "bench", *flags)

    def buildah_build(self, folder, name, *flags):
        # Without a prefix buildah would ask registries for the base.
        run("buildah", *self.storage, "build", "--isolation", "chroot", "--pull=never", "--layers", "-q", "-t", f"localhost/{name}", *flags, folder,
            env=dict(os.environ, STORAGE_DRIVER="overlay"))

    def end(self):
        self.docker.end()
        subprocess.run([INGOT, "shutdown", "--yes"], env=self.environment, capture_output=True)
        subprocess.run(["buildah", *map(str, self.storage), "rm", "--all"], capture_output=True)


INGOT_BUILD, BUILDKIT, BUILDAH = "ingot build", "docker build (BuildKit)", "buildah build --layers"


def in_turn(count, builders, before=lambda number: None):
    times = {name: [] for name in builders}
    for number in range(count):
        before(number)
        for name, build in builders.items():
            times[name].append(timed(build))
    return times


def build(folder):
    count = max(3, RUNS // 4)
    builders = Builders(folder)
    ways = {INGOT_BUILD: builders.ingot, BUILDKIT: builders.buildkit, BUILDAH: builders.buildah}
    try:
        cold = in_turn(count, {name: (lambda way=way: way("--no-cache")) for name, way in ways.items()})
        report("build: cold, the base in the store", cold, [(INGOT_BUILD, BUILDKIT, 0.5), (INGOT_BUILD, BUILDAH, 0.25)])
        in_turn(2, ways)  # fills the caches and settles the indexes
        report("build: nothing changed", in_turn(count, ways), [(INGOT_BUILD, BUILDKIT, 0.4), (INGOT_BUILD, BUILDAH, 0.03)])

        def change(number):
            (builders.source / "src/1/1.txt").write_text(f"changed {number}\n")
            commit(builders.source, f"change {number}")

        report("build: one early file changed", in_turn(count, ways, change), [(INGOT_BUILD, BUILDKIT, 0.35), (INGOT_BUILD, BUILDAH, 0.15)])
        export(folder, builders, count)
    finally:
        builders.end()


def export(folder, builders, count):
    own, rival = "ingot image export --oci", "skopeo copy from buildah"
    place = folder / "export"
    reference = f"containers-storage:[overlay@{builders.storage[1]}+{builders.storage[3]}]localhost/bench"

    def emptied(action):
        shutil.rmtree(place, ignore_errors=True)
        return timed(action)

    times = {own: [], rival: []}
    for _ in range(count):
        times[own].append(emptied(lambda: run(INGOT, "image", "export", "bench", "--oci", place, env=builders.environment)))
        times[rival].append(emptied(lambda: run("skopeo", "copy", "-q", reference, f"oci:{place}:bench")))
    report("export: as an OCI folder", times, [(own, rival, 0.3)])
