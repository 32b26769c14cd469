"""What the stories about jobs share: a film of three segments, its job, and the processes at it."""

import json
import time
from pathlib import Path

from support import STYLE, Story, ffmpeg, impasto, lavfi, program, sound

# Three scenes of five seconds: three segments, each painted in about a second.
SCENES = ("testsrc2=s=320x180:r=25:d=5[a];mandelbrot=s=320x180:r=25,trim=end_frame=125,"
          "setpts=N/25/TB[b];smptebars=s=320x180:r=25:d=5[c];[a][b][c]concat=n=3:v=1:a=0,"
          "settb=1/25")
QUICK = ("--style", STYLE, "--live-norm", "--stroke", "native")  # planned within a second


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def workers_of(pid):
    """The processes that paint for a supervisor: not those still between fork and exec, for which
    the kernel has not been asked yet to end them with it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [int(child) for child in children
                if b"paint-segments" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


class JobStory(Story):
    peaceful = None  # the same film for all

    def setUp(self):
        super().setUp()
        self.job = self.folder / "job"
        self.source = self.folder / "film.mp4"
        ffmpeg(*lavfi(SCENES), *sound(), "-t", "15", "-c:v", "libx264", "-preset", "veryfast",
               "-c:a", "aac", self.source)

    def do(self, *words, rc=0):
        result = impasto(*words)
        self.assertEqual(result.rc, rc, str(result))
        return result

    def plan(self, target="out.mkv", *words, job=None):
        self.do("plan", self.source, *QUICK, "-o", self.outputs / target, "--job",
                job or self.job, "--progress", "none", *words)
        plan = json.loads(((job or self.job) / "plan.json").read_text())
        self.assertEqual(len(plan["segments"]), 3)
        return plan

    def start(self, *words):
        return self.begin_process(program(), *words)

    def status(self, segment, job=None):
        try:
            return json.loads(((job or self.job) / f"status/{segment:04}.json").read_text())
        except OSError:
            return None

    def until(self, condition, supervisor=None, seconds=200):
        """Waits for a true value and gives it."""
        end = time.monotonic() + seconds
        while not (value := condition()):
            if supervisor is not None:
                self.assertIsNone(supervisor.poll(), "it was through before")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.002)
        return value

    def painting(self, supervisor, segment, attempt, job=None):
        """The process that paints a segment, as soon as its status tells."""
        def look():
            status = self.status(segment, job)
            return status and status["state"] == "painting" and status["attempt"] == attempt and \
                status["process"]
        return self.until(look, supervisor)

    def state(self):
        return json.loads(impasto("status", self.job, "--json").out)

    def log(self, name):
        return [json.loads(line) for line in
                (self.job / "logs" / f"{name}.jsonl").read_text().splitlines()]

    def whole(self):
        """The film as it is painted in peace."""
        if JobStory.peaceful is None:
            job = self.folder / "peace"
            self.plan("peace.mkv", job=job)
            self.do("work", job)
            self.do("finish", job)
            JobStory.peaceful = (self.outputs / "peace.mkv").read_bytes()
        return JobStory.peaceful
