"""Push and pull of an image of 200 MB, against skopeo, with one and the same registry."""

import os
import pathlib
import random
import shutil
import subprocess

from common import INGOT, RUNS, free_port, report, run, timed, wait

LAYERS = 8
LAYER_SIZE = 25_000_000


class Registry:
    """Debian's docker-registry, emptied between runs."""

    def __init__(self, folder):
        self.folder = folder
        self.host = f"127.0.0.1:{free_port()}"
        settings = folder / "registry.yml"
        settings.write_text(
            f"version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: {folder / 'registry'} }} }}\n"
            f"http: {{ addr: \"{self.host}\", secret: bench }}\nlog: {{ level: error, accesslog: {{ disabled: true }} }}\n")
        self.log = open(folder / "registry.log", "w")
        self.process = subprocess.Popen(["docker-registry", "serve", settings], stdout=self.log, stderr=self.log)
        wait("docker-registry answers", lambda: subprocess.run(
            ["curl", "-s", "-o", "/dev/null", f"http://{self.host}/v2/"], capture_output=True).returncode == 0)

    def clear(self):
        shutil.rmtree(self.folder / "registry", ignore_errors=True)

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def image(folder, environment, layers):
    """A layout with an image of layers that are half noise and half not, as programs are; built by Ingot, so that both tools have the same."""
    context = folder / f"context-{layers}"
    context.mkdir()
    lines = ["FROM scratch"]
    for number in range(LAYERS):
        source = random.Random(number)
        noise = source.randbytes(LAYER_SIZE // 2)
        (context / f"file-{number}").write_bytes(noise + b"".join(noise[at:at + 64] * 2 for at in range(0, len(noise) // 2, 64)))
        if number < layers:
            lines.append(f"COPY file-{number} /file-{number}")
    (context / "Dockerfile").write_text("\n".join(lines) + "\n")
    layout = folder / f"layout-{layers}"
    run(INGOT, "build", "-q", "-t", f"bench:{layers}", "--output", f"type=oci,dest={layout},tar=false,name=bench", context, env=environment)
    shutil.rmtree(context)
    return layout


def registry(folder):
    environment = dict(os.environ, INGOT_ROOT=str(folder / "root"), DOCKER_CONFIG=str(folder), NO_COLOR="1")
    whole, half = image(folder, environment, LAYERS), image(folder, environment, LAYERS // 2)
    size = sum(file.stat().st_size for file in (whole / "blobs/sha256").iterdir())
    server = Registry(folder)
    name, part = f"{server.host}/bench:whole", f"{server.host}/bench:half"
    root, copy, storage = folder / "pulled", folder / "copied", folder / "storage"
    pulled = dict(environment, INGOT_ROOT=str(root))
    skopeo = ["skopeo", "--insecure-policy", "copy", "-q"]

    def ingot_push(image, to):
        run(INGOT, "image", "push", image, to, env=environment)

    def skopeo_push(layout, to):
        run(*skopeo, "--dest-tls-verify=false", f"oci:{layout}:bench", f"docker://{to}")

    def ingot_pull(what):
        run(INGOT, "image", "pull", what, env=pulled)

    def skopeo_pull(what):
        run(*skopeo, "--src-tls-verify=false", f"docker://{what}", f"oci:{copy}:bench")

    def skopeo_mountable(what):
        """Into the storage of podman and buildah: as Ingot's pull, checked against the configuration, and ready to be mounted."""
        place = f"containers-storage:[overlay@{storage}/root+{storage}/run]localhost/bench"
        run(*skopeo, "--src-tls-verify=false", f"docker://{what}", place)

    def forget():
        server.clear()
        shutil.rmtree(environment["INGOT_ROOT"] + "/registry", ignore_errors=True)

    def empty():
        subprocess.run(["sh", "-c", f"for mount in {root}/store/mounts/* {storage}/root/overlay; do umount -l $mount; done"], capture_output=True)
        for place in [root, copy, storage]:
            shutil.rmtree(place, ignore_errors=True)
        os.sync()

    names = ["ingot image push", "skopeo copy, push", "ingot image push, half there", "skopeo copy, push, half there",
             "ingot image pull", "skopeo copy, pull", "skopeo copy, pull to be mounted", "ingot image pull, half there",
             "skopeo copy, pull, half there", "skopeo copy, pull to be mounted, half there"]
    times = {key: [] for key in names}
    try:
        for _ in range(min(RUNS, 7)):
            for tool, push, source in [("ingot image push", ingot_push, ("bench:8", "bench:4")), ("skopeo copy, push", skopeo_push, (whole, half))]:
                forget()
                os.sync()
                times[tool].append(timed(lambda: push(source[0], name)))
                forget()
                push(source[1], part)
                os.sync()
                times[f"{tool}, half there"].append(timed(lambda: push(source[0], name)))
            # Both are in the registry now, and each pull finds them in the page cache.
            skopeo_push(half, part)
            for tool, pull in [("ingot image pull", ingot_pull), ("skopeo copy, pull", skopeo_pull),
                               ("skopeo copy, pull to be mounted", skopeo_mountable)]:
                empty()
                times[tool].append(timed(lambda: pull(name)))
                empty()
                pull(part)
                os.sync()
                times[f"{tool}, half there"].append(timed(lambda: pull(name)))
        report(f"registry: an image of {LAYERS} layers, {LAYERS * LAYER_SIZE / 1e6:.0f} MB, {size / 1e6:.0f} MB compressed", times, [
            (names[0], names[1], 1.0), (names[2], names[3], 1.0), (names[2], names[0], 0.6),
            (names[4], names[6], 1.0), (names[7], names[9], 1.0), (names[7], names[4], 0.6),
            (names[4], names[5], 1.0), (names[7], names[8], 1.0)])
    finally:
        server.end()
        empty()
        subprocess.run([INGOT, "shutdown", "--yes"], env=environment, capture_output=True)
