"""What the stories share: makers of small media, the program itself, and FFmpeg's tools as oracle.

A story makes its own clips (a second or less, a hundred pixels wide), has the built program paint
them, and asks ffprobe and ffmpeg whether the result is what was promised.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parent
REPO = TESTS.parent
STYLE = "starry-night"
MILLISECOND = 0.001 + 1e-6  # of seconds as ffprobe prints them

USAGE, BAD_INPUT, UNAVAILABLE, BUG, INTERRUPTED = 64, 65, 69, 70, 75

# The encoders of ffmpeg that make the clips: quick, and the same on every run.
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-threads", "1"]
LOSSLESS = ["-c:v", "ffv1", "-level", "3"]


def environment():
    """The program's surroundings: the styles of the checkout, a cache that all stories share."""
    env = dict(os.environ)
    env.setdefault("IMPASTO_STYLES", str(REPO / "styles"))
    env.setdefault("XDG_CACHE_HOME", str(Path(tempfile.gettempdir()) / "impasto-stories-cache"))
    return env


def program():
    return os.environ.get("IMPASTO", str(REPO / "build" / "impasto"))


def run(command, **more):
    """Runs a tool that has to succeed; its standard output as bytes."""
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False, **more)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.returncode}\n"
                           f"{result.stderr.decode(errors='replace')}")
    return result.stdout


def ffmpeg(*words):
    return run(["ffmpeg", "-v", "error", "-nostdin", "-y", *words])


def lavfi(graph):
    """Words that make a filter graph's picture or sound an input."""
    return ["-f", "lavfi", "-i", graph]


def picture(size="64x48", rate=25, kind="testsrc2"):
    return lavfi(f"{kind}=s={size}:r={rate}")


def sound(hertz=440, rate=48000):
    return lavfi(f"sine=f={hertz}:r={rate}")


def probe(path, *words):
    return json.loads(run(["ffprobe", "-v", "error", "-of", "json", *words, path]))


_seen = {}


def inspect(path):
    """All that ffprobe tells of a file: streams, format, chapters, packets and decoded frames."""
    status = os.stat(path)
    key = (str(path), status.st_mtime_ns, status.st_size)
    if key not in _seen:
        _seen[key] = probe(
            path, "-show_streams", "-show_format", "-show_chapters", "-show_packets",
            "-show_frames", "-show_data_hash", "md5")
        for one in _seen[key].pop("packets_and_frames", []):
            kind = "packets" if one.pop("type") == "packet" else "frames"
            _seen[key].setdefault(kind, []).append(one)
    return _seen[key]


def about(path):
    """Streams, format and chapters of a file."""
    return inspect(path)


def streams(path, kind=None):
    found = inspect(path)["streams"]
    return [stream for stream in found if kind is None or stream["codec_type"] == kind]


def films(path):
    """The video streams that are no covers."""
    return [stream for stream in streams(path, "video")
            if stream["disposition"]["attached_pic"] == 0]


def film(path):
    return films(path)[0]


def packets(path):
    """All packets by stream, in the order of the file: dicts with pts_time, size, data_hash."""
    found = {}
    for packet in inspect(path).get("packets", []):
        found.setdefault(packet["stream_index"], []).append(packet)
    return found


def hashes(path, index):
    return [packet["data_hash"] for packet in packets(path).get(index, [])]


def frames_of(path):
    """The frames that a decoder gets out of the film."""
    index = film(path)["index"]
    return [frame for frame in inspect(path).get("frames", [])
            if frame.get("stream_index") == index]


def count_frames(path):
    return len(frames_of(path))


def frame_times(path):
    """When each decoded frame of the film is shown, in seconds; None where the file is silent."""
    times = [frame.get("best_effort_timestamp_time") for frame in frames_of(path)]
    return [None if time is None else float(time) for time in times]


def values_in_frame(pix_fmt, size):
    """How many numbers ffmpeg's raw video holds for one frame."""
    width, height = size
    half_width, half_height = -(-width // 2), -(-height // 2)
    if "gray" in pix_fmt:
        return width * height
    if "420" in pix_fmt:
        return width * height + 2 * half_width * half_height
    if "422" in pix_fmt:
        return width * height + 2 * half_width * height
    return width * height * (4 if "a" in pix_fmt.replace("gray", "") else 3)


def pixels(path, pix_fmt, size, frames=None):
    """Decoded frames [N, numbers a frame] of the film, untouched by clocks and turns."""
    depth = np.uint16 if re.search(r"(9|1[0-6])le$", pix_fmt) or "48" in pix_fmt else np.uint8
    limit = ["-frames:v", str(frames)] if frames else []
    data = ffmpeg("-noautorotate", "-i", path, "-map", "0:v:0", *limit, "-vsync", "passthrough",
                  "-pix_fmt", pix_fmt, "-f", "rawvideo", "-")
    return np.frombuffer(data, depth).reshape(-1, values_in_frame(pix_fmt, size))


def rgb(path, *filters, frames=None):
    """Decoded frames [N, H, W, 3] in 8 bits, as players show them (turned, right matrix)."""
    chain = ["-vf", ",".join(filters)] if filters else []
    limit = ["-frames:v", str(frames)] if frames else []
    data = ffmpeg("-i", path, "-map", "0:v:0", *chain, *limit, "-vsync", "passthrough",
                  "-sws_flags", "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp", "-pix_fmt",
                  "rgb24", "-c:v", "ppm", "-f", "image2pipe", "-")
    found, at = [], 0
    while at < len(data):
        head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data[at:at + 64])
        width, height = int(head[1]), int(head[2])
        at += head.end()
        shape = (height, width, 3)
        found.append(np.frombuffer(data, np.uint8, width * height * 3, at).reshape(shape))
        at += width * height * 3
    return np.stack(found) if found else np.zeros((0, 0, 0, 3), np.uint8)


class Result:
    """How a run of the program ended."""

    def __init__(self, rc, out, err):
        self.rc, self.out, self.err = rc, out, err

    def __str__(self):
        return f"exit code {self.rc}\nstdout: {self.out}\nstderr: {self.err}"


def impasto(*words, timeout=120, **more):
    command = [program(), *(str(word) for word in words)]
    more.setdefault("env", environment())
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=timeout, check=False, **more)
    return Result(done.returncode, done.stdout.decode(errors="replace"),
                  done.stderr.decode(errors="replace"))


class Story(unittest.TestCase):
    """A test with a folder for its sources and an empty one for what is painted."""

    maxDiff = None
    longMessage = True

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="impasto-story-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.outputs = self.folder / "painted"
        self.outputs.mkdir()

    # -- making -----------------------------------------------------------------------------------

    def clip(self, name, *words, size="64x48", rate=25, frames=12, kind="testsrc2", codec=None):
        """A clip of a moving test picture; `words` come between its codec and its name."""
        path = self.folder / name
        ffmpeg(*picture(size, rate, kind), "-frames:v", str(frames), *(codec or H264), *words, path)
        return path

    def film_with_sound(self, name, *words, size="64x48", rate=25, seconds=0.8, codec=None,
                        audio="aac"):
        path = self.folder / name
        ffmpeg(*picture(size, rate), *sound(), "-t", str(seconds), *(codec or H264), "-c:a", audio,
               *words, path)
        return path

    # -- painting ---------------------------------------------------------------------------------

    def paint(self, source, target, *words, style=STYLE, **more):
        """Paints and expects success; the result's path and the report of the one file."""
        target = self.outputs / target
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        quiet = () if "--progress" in words else ("--progress", "none")
        result = impasto("paint", source, "--style", style, "-o", target, "--report", report,
                         *quiet, *words, **more)
        self.assertEqual(result.rc, 0, str(result))
        self.assertTrue(target.exists(), str(result))
        self.last = result
        return target, json.loads(report.read_text())["files"][0]

    def begin_process(self, *command, env=None, **more):
        """A process that is gone at the end of the story; what it says comes through pipes."""
        process = subprocess.Popen([str(word) for word in command], env=env or environment(),
                                   **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                      "stderr": subprocess.PIPE, "text": True, **more})
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                self.addCleanup(pipe.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def refuse(self, code, *words, lines=1, left=(), says=(), **more):
        """Expects a failure: its exit code, one sentence, nothing in the output's folder."""
        result = impasto("paint", *words, **more)
        there = sorted(os.listdir(self.outputs))
        for name in set(there) - set(left):  # the next subtest starts anew
            shutil.rmtree(self.outputs / name) if (self.outputs / name).is_dir() else os.remove(
                self.outputs / name)
        self.assertEqual(result.rc, code, str(result))
        told = result.err.strip().splitlines()
        self.assertTrue(told and told[-1].startswith("impasto: "), str(result))
        if lines is not None:
            self.assertEqual(len(told), lines, str(result))
        sentence = told[-1][len("impasto: "):]
        self.assertGreater(len(sentence), 20, "a sentence, not a word: " + sentence)
        for word in (says,) if isinstance(says, str) else says:
            self.assertIn(word.lower(), sentence.lower())
        self.assertNotRegex(sentence, r"(?i)exception|terminate|std::|\berrno\b")
        self.assertEqual(there, sorted(left), str(result))
        return sentence

    # -- checking ---------------------------------------------------------------------------------

    def same_frames(self, source, target, report=None, frames=None):
        """As many frames as the source has, each at its own time against the first."""
        before, after = frame_times(source), frame_times(target)
        count = len(before)
        if frames is not None:
            self.assertEqual(count, frames, "the clip itself")
        self.assertEqual(len(after), count)
        self.assertEqual(after, sorted(after))
        errors = [abs((b - before[0]) - (a - after[0])) for b, a in zip(before, after)
                  if b is not None]
        self.assertLessEqual(max(errors), MILLISECOND, f"{before}\n{after}")
        if report is not None:
            self.assertEqual(report["frames"]["in"], count)
            self.assertEqual(report["frames"]["out"], count)
            self.assertLessEqual(report["frames"]["largest_time_error_ms"], 1.0)
            self.assertEqual(report["problems"], [])
            self.assertEqual(report["frames"]["lost"], 0)

    def same_offsets(self, source, target, pairs=None):
        """Every packet of the other streams stands as it stood against the film's first frame."""
        before, after = packets(source), packets(target)
        start_before, start_after = frame_times(source)[0], frame_times(target)[0]
        if pairs is None:
            pairs = [(film_before["index"], film_after["index"]) for film_before, film_after in
                     zip(streams(source, "audio"), streams(target, "audio"))]
        for old, new in pairs:
            self.assertEqual(len(before.get(old, [])), len(after.get(new, [])))
            for one, other in zip(before[old], after[new]):
                shift = ((float(other["pts_time"]) - start_after) -
                         (float(one["pts_time"]) - start_before))
                self.assertLessEqual(abs(shift), MILLISECOND, f"stream {old}: {one} {other}")

    def same_packets(self, source, target, old, new):
        """Bit for bit."""
        before = hashes(source, old)
        self.assertTrue(before, f"stream {old} of {source} has no packets")
        self.assertEqual(before, hashes(target, new), f"stream {old} -> {new}")

    def check_in(self, report, source):
        """What the report says of a stream of the source."""
        return next(check for check in report["streams"] if check["source"] == source)
