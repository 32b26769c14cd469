#!/usr/bin/python3
"""How much of a film of 2 GB a worker reads from an object store to paint a segment in its middle.

A film is put into OpenStack Swift (S3) and Azurite (Azure Blob) and planned, and a worker paints the
segment in its middle through a proxy that counts. What the segment needs is the bytes of its
packets, from the key frame it begins at, and the container's index.

The servers are those of `make test-servers`.

usage: bench/store_reads.py [--megabytes N] [--stores swift,azurite] [--forms mp4,mkv] [--build DIR]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from fault_proxy import FaultProxy  # noqa: E402
from servers import Azurite, Swift  # noqa: E402

STORES = {"swift": Swift, "azurite": Azurite}
PIECE = 10  # seconds of film that are made; the rest repeats them


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, **more).stdout


def make_film(folder, form, megabytes):
    piece = folder / "piece.mkv"
    if not piece.exists():
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i",
            "testsrc2=s=640x360:r=25,noise=alls=40:allf=t", "-f", "lavfi", "-i", "sine=r=48000",
            "-t", PIECE, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "10", "-g", "50", "-bf",
            "2", "-c:a", "aac", piece)
    film = folder / f"film.{form}"
    repeats = -(-megabytes * 1_000_000 // piece.stat().st_size)
    run("ffmpeg", "-v", "error", "-y", "-stream_loop", repeats - 1, "-i", piece, "-c", "copy", film)
    return film


def index_bytes(film):
    """Of an MP4's moov; a Matroska's index is what follows its last cluster, a few kilobytes."""
    with open(film, "rb") as stream:
        at = 0
        while head := stream.read(8):
            size, name = int.from_bytes(head[:4], "big"), head[4:]
            if size == 1:
                size = int.from_bytes(stream.read(8), "big")
            if name == b"moov":
                return size
            if film.suffix != ".mp4" or size < 8:
                return 0
            at += size
            stream.seek(at)
    return 0


def segment_bytes(film, plan, segment):
    """All packets between the segment's key frame and its end, of every stream: they lie between."""
    base = plan["time_base"][0] / plan["time_base"][1]
    begin, end = segment["seek"] * base, segment["until"] * base
    found = json.loads(run("ffprobe", "-v", "error", "-of", "json", "-show_packets", "-show_entries",
                           "packet=pts_time,size", "-read_intervals",
                           f"{begin}%{end}", film))["packets"]
    return sum(int(one["size"]) for one in found
               if begin - 0.001 <= float(one.get("pts_time", begin)) < end)


def put(server, film):
    with open(film, "rb") as stream:
        server.put("films", film.name, stream, size=film.stat().st_size)


def measure(server, film, build, folder):
    proxy = FaultProxy(server.port)
    env = {**os.environ, "IMPASTO_STYLES": str(ROOT / "styles"),
           **server.environment(proxy.port)}
    job = folder / f"job-{server.scheme}-{film.suffix[1:]}"
    source = f"{server.root('films')}/{film.name}"
    run(build / "impasto", "plan", source, "--style", "starry-night", "-o", folder / "out.mkv",
        "--job", job, "--progress", "none", env=env)
    plan = json.loads((job / "plan.json").read_text())
    middle = len(plan["segments"]) // 2
    before, requests = proxy.received, proxy.requests
    run(build / "impasto", "work", job, "--segments", middle, "--progress", "none", env=env)
    read = proxy.received - before
    needed = segment_bytes(film, plan, plan["segments"][middle]) + index_bytes(film)
    proxy.stop()
    print(f"{server.scheme:5} {film.suffix[1:]:4} {film.stat().st_size / 1e6:8.0f} MB   segment and "
          f"index {needed / 1e6:6.2f} MB   read {read / 1e6:6.2f} MB in "
          f"{proxy.requests - requests} requests   {read / needed:.3f} times", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--stores", default="swift,azurite")
    parser.add_argument("--forms", default="mp4,mkv")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="impasto-bench-") as name:
        folder = Path(name)
        films = [make_film(folder, form, given.megabytes) for form in given.forms.split(",")]
        for store in given.stores.split(","):
            server = STORES[store]()
            try:
                server.make("films")
                for film in films:
                    put(server, film)
                    measure(server, film, given.build, folder)
            finally:
                server.stop()


if __name__ == "__main__":
    main()
