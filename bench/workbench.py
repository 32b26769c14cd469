"""Where the benchmark works: its folders and clips, and how it runs and times programs."""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEPS = ROOT / ".deps"
PEERS = DEPS / "peers"
CLIPS = DEPS / "bench"
SHARED = ROOT.parent / "shared"  # more media and nets, where somebody has put them
STYLES = sorted(path.parent.name for path in (ROOT / "styles").glob("*/style.onnx"))
STYLE = "starry-night"
SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160),
         "8K": (7680, 4320)}
LOSSLESS = ("-c:v", "ffv1", "-level", "3", "-pix_fmt", "gbrp")


@dataclasses.dataclass
class Cost:
    """Of one process from its start to its end."""

    seconds: float
    core_seconds: float  # user and system, all threads
    peak: int  # bytes


class Workbench:
    """One run of the benchmark: its settings, and a folder that goes away with it."""

    def __init__(self, build, plan):
        self.build = pathlib.Path(build).resolve()
        self.plan = plan
        CLIPS.mkdir(parents=True, exist_ok=True)
        self.temporary = tempfile.TemporaryDirectory(dir=CLIPS)
        self.folder = pathlib.Path(self.temporary.name)
        self.imported = self.folder / "styles"  # others' nets, only for this run
        self.imported.mkdir()
        self.cores = len(os.sched_getaffinity(0))
        self.helps = {}

    # -- running ----------------------------------------------------------------------------------

    def environment(self, cache=CLIPS / "cache"):
        """The checkout's styles and nets, whichever build paints; no traces in the home folder."""
        return {**os.environ, "IMPASTO_STYLES": f"{self.imported}:{ROOT / 'styles'}",
                "IMPASTO_MODELS": str(ROOT / "models"), "XDG_CACHE_HOME": str(cache)}

    def run(self, *command, env=None):
        """What a program that has to succeed prints."""
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                              check=False, cwd=ROOT, env=env or self.environment())
        if done.returncode != 0:
            sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def errors(self, *command):
        """What it prints on standard error, where ffmpeg's filters tell what they have found."""
        return self.run("sh", "-c", 'exec "$@" 2>&1', "sh", *command)

    def impasto(self, *words):
        return self.run(self.build / "impasto", *words)

    def peer(self, script, *words):
        """Runs a Python script in the peers' environment; its last line as JSON."""
        return json.loads(self.run_peer(ROOT / "bench/peers" / script, *words).splitlines()[-1])

    def run_peer(self, *command):
        # OpenVINO's tools and NNCF report who uses them unless a file in the home folder says no.
        home = self.folder / "home"
        (home / "intel").mkdir(parents=True, exist_ok=True)
        (home / "intel/openvino_telemetry").write_text("0")
        env = {**os.environ, "PYTHONPATH": str(PEERS), "HOME": str(home)}
        return self.run("/usr/bin/python3", *command, env=env)

    def cost(self, *command, env=None):
        words = [str(word) for word in command]
        begin = time.perf_counter()
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=ROOT,
                              env=env or self.environment()) as process:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"bench: {' '.join(words)} ended with {process.returncode}")
        return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)

    def knows(self, option):
        """Whether `impasto paint` has this option."""
        if "paint" not in self.helps:
            self.helps["paint"] = self.impasto("paint", "--help")
        return option in self.helps["paint"]

    # -- painting ---------------------------------------------------------------------------------

    def network(self, style_file, size, precision):
        """What network_bench tells."""
        return json.loads(self.run(self.build / "network_bench", style_file, *SIZES[size],
                                   precision, self.plan["seconds"]))

    def paint(self, source, *options, style=STYLE, target=None, cache=CLIPS / "cache", afresh=True):
        """Cost and report of painting a film; for the first time, so looking at it counts."""
        target = target or self.folder / "painted.mp4"
        if afresh:
            shutil.rmtree(cache / "impasto/calibrations", ignore_errors=True)
        report = self.folder / "report.json"
        cost = self.cost(self.build / "impasto", "paint", source, "--style", style, "-o", target,
                         "--overwrite", "--progress", "none", "--report", report, *options,
                         env=self.environment(cache))
        return cost, json.loads(report.read_text())["files"][0]

    # -- clips ------------------------------------------------------------------------------------

    def demo_clip(self):
        source = DEPS / "demo/cityCC0.mpg"
        if not source.exists():
            self.run("tools/demo", "--fetch-only")
        return source

    def make(self, name, *words):
        """A clip that ffmpeg makes, once."""
        made = CLIPS / name
        if not made.exists():
            part = made.with_stem(made.stem + ".part")
            self.run("ffmpeg", "-y", "-v", "error", "-nostdin", *words, part)
            part.rename(made)
        return made

    def clip(self, size, frames):
        """A real clip of that size and length, out of the demo's."""
        width, height = SIZES[size]
        return self.make(f"city-{size}-{frames}.mp4", "-stream_loop", "-1", "-i", self.demo_clip(),
                         "-vf", f"scale={width}:{height}:flags=lanczos", "-frames:v", frames,
                         "-c:v", "libx264", "-preset", "veryfast", "-crf", "18",
                         "-pix_fmt", "yuv420p")
