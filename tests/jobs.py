"""A film as a job: planned, painted in segments by whoever comes, and joined."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

import numpy as np

from support import (BAD_INPUT, H264, INTERRUPTED, STYLE, UNAVAILABLE, USAGE, Story, about,
                     environment, ffmpeg, frame_times, hashes, impasto, lavfi, packets, program,
                     rgb, sound, streams)

# Two scenes; more than one segment in all.
SCENES = ("testsrc2=s=96x64:r=25:d=5.4[a];mandelbrot=s=96x64:r=25,trim=end_frame=166,"
          "setpts=N/25/TB[b];[a][b]concat=n=2:v=1:a=0,settb=1/25")


class Jobs(Story):

    def setUp(self):
        super().setUp()
        self.job = self.folder / "job"

    def film(self, name="film.mp4", *words, seconds=12):
        path = self.folder / name
        ffmpeg(*lavfi(SCENES), *sound(), "-t", str(seconds), "-c:v", "libx264", "-preset",
               "veryfast", "-g", "40", "-c:a", "aac", *words, path)
        return path

    def do(self, *words, rc=0, **more):
        result = impasto(*words, "--progress", "none", **more)
        self.assertEqual(result.rc, rc, str(result))
        return result

    def plan(self, source, target, *words, job=None):
        self.do("plan", source, "--style", STYLE, "-o", target, "--job", job or self.job, *words)
        return json.loads(((job or self.job) / "plan.json").read_text())

    def segments(self):
        return sorted((self.job / "segments").glob("*.nut"))

    def test_a_job_gives_the_whole_film(self):
        source = self.film()
        for target in ("out.mp4", "out.mkv", "out.ts", "out.mov"):
            with self.subTest(target):
                job = self.folder / f"job-{target}"
                out = self.outputs / target
                plan = self.plan(source, out, job=job)
                self.assertGreaterEqual(len(plan["segments"]), 2)
                self.do("work", job)
                self.assertFalse(out.exists())
                self.do("finish", job)
                times, wanted = frame_times(out), frame_times(source)
                self.assertEqual(len(times), len(wanted))
                first = times[0] - wanted[0]
                for time_, want in zip(times, wanted):
                    self.assertAlmostEqual(time_ - first, want, delta=0.0015)
                if target != "out.ts":
                    audio = streams(out, "audio")[0]["index"]
                    self.assertEqual(hashes(out, audio),
                                     hashes(source, streams(source, "audio")[0]["index"]))
                self.assertAlmostEqual(float(about(out)["format"]["duration"]),
                                       float(about(source)["format"]["duration"]), delta=0.05)

    def test_times_of_decoding_rise(self):
        source = self.film()
        out = self.outputs / "out.mp4"
        self.plan(source, out, "--preset", "medium")
        self.do("work", self.job)
        self.do("finish", self.job)
        stamps = [(float(one["dts_time"]), float(one["pts_time"])) for one in
                  packets(out)[streams(out, "video")[0]["index"]]]
        self.assertTrue(all(dts <= pts for dts, pts in stamps))
        self.assertTrue(all(b[0] > a[0] for a, b in zip(stamps, stamps[1:])))

    def test_whoever_paints_paints_the_same(self):
        source = self.film()
        films = []
        for name, runs in (("one", [()]),
                           ("shards", [("--shard", "1/2"), ("--shard", "0/2", "--threads", "1")]),
                           ("backwards", [("--segments", "1-9"), ("--segments", "0")])):
            job = self.folder / name
            out = self.outputs / f"{name}.mkv"
            self.plan(source, out, "--stability", "low", job=job)
            for words in runs:
                self.do("work", job, *words)
            self.do("finish", job)
            films.append(out.read_bytes())
        self.assertEqual(films[0], films[1])
        self.assertEqual(films[0], films[2])

    def test_what_is_painted_is_not_painted_again(self):
        source = self.film()
        out = self.outputs / "out.mp4"
        self.plan(source, out)
        self.do("work", self.job, "--segments", "0")
        before = {path.name: path.stat().st_mtime_ns for path in self.segments()}
        self.assertEqual(len(before), 1)
        missing = self.do("finish", self.job, rc=UNAVAILABLE)
        self.assertIn("are not painted yet (1", missing.err)
        told = self.do("work", self.job)
        self.assertIn("1 were done", told.out)
        after = {path.name: path.stat().st_mtime_ns for path in self.segments()}
        self.assertEqual({name: after[name] for name in before}, before)
        self.plan(source, out, "--quality", "25")
        self.assertEqual(self.segments(), [])
        told = self.do("work", self.job)
        self.assertIn(" 0 were done", told.out)

    def test_killed_again_and_again_it_comes_to_the_same(self):
        source = self.film()
        whole = self.outputs / "whole.mkv"
        self.plan(source, whole)
        self.do("work", self.job)
        self.do("finish", self.job)
        out = self.outputs / "killed.mkv"
        job = self.folder / "killed"
        self.plan(source, out, job=job)
        chance = random.Random(1)
        for signal_ in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            process = subprocess.Popen([program(), "work", str(job), "--retries", "100"],
                                       env=environment(), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0.1, 1.2))
            process.send_signal(signal_)
            ended = process.wait(30)
            self.assertIn(ended, (0, -signal_, INTERRUPTED))
        self.do("work", job, "--retries", "100")
        self.do("finish", job)
        self.assertEqual(out.read_bytes(), whole.read_bytes())
        self.assertEqual([name for name in os.listdir(job / "segments")
                          if not name.endswith(".nut")], [])

    def test_status_tells_who_painted(self):
        source = self.film(seconds=3)
        self.plan(source, self.outputs / "out.mp4")
        self.do("work", self.job)
        status = json.loads((self.job / "status" / "0000.json").read_text())
        self.assertEqual(status["state"], "done")
        self.assertEqual(status["attempt"], 1)
        self.assertEqual(status["frames"], 75)
        self.assertTrue(status["host"])
        self.assertGreater(status["peak_memory"], 10_000_000)

    def test_failed_segments_are_shown_unpainted_where_that_may_be(self):
        source = self.film()
        out = self.outputs / "out.mkv"
        self.plan(source, out)
        self.do("work", self.job, "--segments", "0")
        (self.job / "status" / "0001.json").write_text(json.dumps({
            "segment": 1, "state": "painting", "attempt": 3, "host": "a", "processor": "b",
            "frames": 7, "seconds": 1, "fps": 7, "peak_memory": 1, "error": ""}))
        failed = self.do("work", self.job, rc=UNAVAILABLE)
        self.assertIn("every worker that tried died", failed.err)
        told = self.do("finish", self.job, rc=UNAVAILABLE)
        self.assertIn("--error-threshold 1", told.err)
        self.assertFalse(out.exists())
        told = self.do("finish", self.job, "--error-threshold", "1")
        self.assertIn("segment 1 is shown unpainted", told.err)
        report = json.loads((self.job / "report.json").read_text())
        self.assertEqual([one["segment"] for one in report["unpainted"]], [1])
        self.assertEqual(len(frame_times(out)), len(frame_times(source)))
        first = json.loads((self.job / "plan.json").read_text())["segments"][0]["frames"]
        change = np.abs(rgb(out).astype(int) - rgb(source)).mean(axis=(1, 2, 3))
        self.assertGreater(change[:first].min(), 10)
        self.assertLess(change[first:].max(), 5)
        self.do("work", self.job, "--retry")
        self.do("plan", source, "--style", STYLE, "-o", out, "--job", self.job, "--overwrite")
        self.do("finish", self.job)
        self.assertEqual(json.loads((self.job / "report.json").read_text())["unpainted"], [])

    def test_status_and_clean(self):
        source = self.film(seconds=3)
        self.plan(source, self.outputs / "out.mp4")
        state = json.loads(impasto("status", self.job, "--json").out)
        self.assertEqual((state["segments"], state["done"], state["finished"]), (1, 0, False))
        self.do("work", self.job)
        self.do("finish", self.job)
        state = json.loads(impasto("status", self.job, "--json").out)
        self.assertEqual((state["frames_done"], state["finished"]), (75, True))
        self.assertIn("1 of 1 segments (75 of 75 frames)", impasto("status", self.job).out)
        self.plan(source, self.outputs / "other.mp4")
        state = json.loads(impasto("status", self.job, "--json").out)
        self.assertEqual((state["done"], state["finished"]), (1, False))
        self.assertEqual(impasto("clean", self.job).rc, 0)
        self.assertEqual(list(self.job.iterdir()), [])
        self.assertEqual(impasto("clean", self.folder).rc, BAD_INPUT)
        self.assertTrue(source.exists())

    def test_what_cannot_be_done_is_said(self):
        source = self.film(seconds=3)
        out = self.outputs / "out.mp4"
        nowhere = self.do("work", self.folder / "nowhere", rc=BAD_INPUT)
        self.assertIn("impasto plan", nowhere.err)
        self.plan(source, out)
        self.do("work", self.job, "--segments", "7-3", rc=USAGE)
        self.do("work", self.job, "--shard", "2/2", rc=USAGE)
        self.do("work", self.job, "--shard", "0/2", "--segments", "1", rc=USAGE)
        ffmpeg(*lavfi(SCENES), "-t", "3", *H264, source)
        changed = self.do("work", self.job, rc=BAD_INPUT)
        self.assertIn("is not what it was", changed.err)
        (self.job / "plan.json").write_text("{}")
        self.do("work", self.job, rc=BAD_INPUT)


if __name__ == "__main__":
    unittest.main()
