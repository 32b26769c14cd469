"""What kills, stops or holds up a worker costs an attempt at one segment, and nothing else."""

import json
import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from job_story import QUICK, JobStory, is_alive, workers_of
from support import (BAD_INPUT, INTERRUPTED, UNAVAILABLE, environment, ffmpeg, frame_times,
                     impasto, lavfi, program)

KILLED_TWICE = 130


class Isolation(JobStory):

    # -- crashes ----------------------------------------------------------------------------------

    def test_a_segment_that_kills_its_worker_is_counted(self):
        self.plan()
        plainly = os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0"  # a sanitizer would catch it
        work = self.begin_process(program(), "work", self.job, "--retries", "1",
                                  env={**environment(), "ASAN_OPTIONS": plainly})
        for attempt in (1, 2):
            os.kill(self.painting(work, 1, attempt), signal.SIGSEGV)
        told = work.communicate(timeout=200)
        self.assertEqual(work.returncode, UNAVAILABLE, told)
        self.assertIn("segment 1, attempt 2: the process that painted was killed by SIGSEGV",
                      told[1])
        self.assertIn("1 segments of", told[1].splitlines()[-1])
        state = self.state()
        self.assertEqual((state["done"], len(state["failed"])), (2, 1))
        self.assertEqual((state["failed"][0]["segment"], state["failed"][0]["attempts"]), (1, 2))
        self.assertIn("SIGSEGV", self.log("0001-1")[-1]["what"])
        self.assertEqual(self.log("0001-2")[-1]["level"], "error")
        # What failed may be shown unpainted, or be tried again.
        self.assertIn("impasto retry", self.do("finish", self.job, rc=UNAVAILABLE).err)
        again = self.do("work", self.job, "--retries", "1", rc=UNAVAILABLE)
        self.assertIn("SIGSEGV", again.err)
        self.assertIn("1 segments that failed", self.do("retry", self.job).out)
        state = self.state()
        self.assertEqual((state["failed"], state["again"]), ([], 1))
        self.assertIn("1 to be tried again", impasto("status", self.job).out)
        self.do("work", self.job, "--retries", "0")
        self.assertEqual(self.status(1)["attempt"], 3)
        self.do("finish", self.job)
        self.assertEqual((self.outputs / "out.mkv").read_bytes(), self.whole())

    def test_only_the_chosen_are_tried_again(self):
        self.plan()
        work = self.start("work", self.job, "--retries", "0")
        for segment in (0, 2):
            os.kill(self.painting(work, segment, 1), signal.SIGKILL)
        self.assertEqual(work.wait(200), UNAVAILABLE)
        self.assertEqual([one["segment"] for one in self.state()["failed"]], [0, 2])
        self.assertIn("memory", self.state()["failed"][0]["error"])
        self.do("retry", self.job, "--segments", "1-2")
        self.assertEqual([one["segment"] for one in self.state()["failed"]], [0])

    def test_painting_a_film_goes_on_after_a_crash(self):
        out = self.outputs / "out.mkv"
        job = self.outputs / ".out.mkv.impasto"
        paint = self.start("paint", self.source, *QUICK, "-o", out, "--retries", "1")
        os.kill(self.painting(paint, 0, 1, job), signal.SIGABRT)
        told = paint.communicate(timeout=250)
        self.assertEqual(paint.returncode, 0, told)
        self.assertIn("killed by SIGABRT; it is tried again", told[1])
        self.assertEqual(os.listdir(self.outputs), ["out.mkv"])
        self.assertEqual(out.read_bytes(), self.whole())

    def test_a_film_that_crashes_again_and_again_ends(self):
        out = self.outputs / "out.mkv"
        job = self.outputs / ".out.mkv.impasto"
        words = ("paint", self.source, *QUICK, "-o", out, "--retries", "0")
        paint = self.start(*words)
        os.kill(self.painting(paint, 1, 1, job), signal.SIGBUS)
        told = paint.communicate(timeout=250)
        self.assertEqual(paint.returncode, UNAVAILABLE, told)
        self.assertIn("1 of 3 segments", told[1])
        self.assertEqual(len(list(job.glob("segments/*.nut"))), 2)
        paint = self.start(*words, "--error-threshold", "1")
        os.kill(self.painting(paint, 1, 2, job), signal.SIGBUS)
        told = paint.communicate(timeout=250)
        self.assertEqual(paint.returncode, 0, told)
        self.assertIn("segment 1 is shown unpainted", told[1])
        self.assertEqual(len(frame_times(out)), 375)

    def test_a_worker_that_runs_out_of_memory(self):
        """For real: in a control group whose limit the painting process goes past."""
        if "ASAN_OPTIONS" in os.environ:
            self.skipTest("a sanitizer's own memory goes past any limit")
        group = Path(f"/sys/fs/cgroup/memory/impasto-story-{os.getpid()}")
        limit = group / "memory.limit_in_bytes"
        self.plan()
        self.do("work", self.job, "--segments", "0")
        peak = self.status(0)["peak_memory"]
        try:
            group.mkdir()
            limit.write_text(str(peak // 4))
        except OSError:
            self.skipTest("no control group can be made here")
        self.addCleanup(group.rmdir)

        def enter():
            (group / "cgroup.procs").write_text(str(os.getpid()))
        work = subprocess.run([program(), "work", self.job, "--retries", "0"], env=environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              preexec_fn=enter, timeout=250, check=False)
        self.assertEqual(work.returncode, UNAVAILABLE, work.stderr)
        self.assertIn("memory", work.stderr)
        self.assertEqual(self.state()["done"], 1)

    def test_another_input_is_refused_at_once(self):
        self.plan()
        ffmpeg(*lavfi("testsrc2=s=320x180:r=25"), "-t", "3", self.source)
        begun = time.monotonic()
        self.assertIn("is not what it was", self.do("work", self.job, rc=BAD_INPUT).err)
        self.assertLess(time.monotonic() - begun, 5)

    # -- hanging ----------------------------------------------------------------------------------

    def test_a_stuck_worker_is_noticed(self):
        self.plan()
        work = self.start("work", self.job, "--stuck-after", "1.5")
        stopped = self.painting(work, 0, 1)
        os.kill(stopped, signal.SIGSTOP)
        told = work.communicate(timeout=200)
        self.assertEqual(work.returncode, 0, told)
        self.assertIn("segment 0, attempt 1: the process that painted was stuck: no frame came for "
                      "1.5 s", told[1])
        self.assertFalse(is_alive(stopped))
        self.assertEqual([self.status(i)["attempt"] for i in range(3)], [2, 1, 1])

    def test_a_segment_may_take_so_long(self):
        self.plan()
        work = self.start("work", self.job, "--segments", "2", "--segment-timeout", "2",
                          "--retries", "0")
        os.kill(self.painting(work, 2, 1), signal.SIGSTOP)
        told = work.communicate(timeout=200)
        self.assertEqual(work.returncode, UNAVAILABLE, told)
        self.assertIn("took longer than the 2 s of --segment-timeout", told[1])

    def test_a_program_that_was_suspended_blames_nobody(self):
        self.plan()
        work = self.start("work", self.job, "--stuck-after", "2", "--segments", "0")
        child = self.painting(work, 0, 1)
        for pid in (work.pid, child):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(4)
        for pid in (work.pid, child):
            os.kill(pid, signal.SIGCONT)
        self.assertEqual(work.wait(200), 0)
        self.assertEqual(self.status(0)["attempt"], 1)

    # -- ending -----------------------------------------------------------------------------------

    def test_workers_die_with_their_parent(self):
        self.plan()
        for held in (False, True):
            with self.subTest(held=held):
                work = self.start("work", self.job, "--workers", "2", "--retries", "100")
                self.until(lambda: len(workers_of(work.pid)) == 2, work)
                children = workers_of(work.pid)
                if held:
                    for child in children:
                        os.kill(child, signal.SIGSTOP)
                work.kill()
                work.wait()
                self.until(lambda: not any(map(is_alive, children)), seconds=5)

    def test_what_will_soon_be_whole_is_finished(self):
        self.plan()
        work = self.start("work", self.job, "--grace", "1000")
        self.painting(work, 1, 1)
        work.send_signal(signal.SIGTERM)
        told = work.communicate(timeout=200)
        self.assertEqual(work.returncode, INTERRUPTED, told)
        self.assertIn("stopping when segment 1 is whole", told[1])
        self.assertEqual([self.status(i) and self.status(i)["state"] for i in range(3)],
                         ["done", "done", None])

    def test_without_grace_it_is_dropped(self):
        self.plan()
        work = self.start("work", self.job, "--grace", "0")
        self.painting(work, 1, 1)
        asked = time.monotonic()
        work.send_signal(signal.SIGINT)
        told = work.communicate(timeout=200)
        self.assertLess(time.monotonic() - asked, 20)
        self.assertEqual(work.returncode, INTERRUPTED, told)
        status = self.status(1)
        self.assertEqual((status["state"], status["attempt"], status["forgiven"]),
                         ("stopped", 1, 1))
        self.assertEqual(len(list((self.job / "segments").iterdir())), 1)
        self.do("work", self.job, "--retries", "0")

    def test_a_second_signal_drops_at_once(self):
        self.plan()
        work = self.start("work", self.job, "--grace", "1000")
        child = self.painting(work, 1, 1)
        os.kill(child, signal.SIGSTOP)  # or it might be whole already
        work.send_signal(signal.SIGTERM)
        self.until(lambda: "stopping" in work.stderr.readline(), seconds=10)
        work.send_signal(signal.SIGTERM)
        self.assertEqual(work.wait(5), KILLED_TWICE)
        self.until(lambda: not is_alive(child), seconds=5)

    def test_a_terminal_interrupts_the_whole_group(self):
        """Ctrl-C reaches workers as well, which leave it to their parent."""
        self.plan()
        work = self.begin_process(program(), "work", self.job, "--grace", "1000",
                                  stdout=subprocess.DEVNULL, start_new_session=True)
        self.painting(work, 1, 1)
        os.killpg(work.pid, signal.SIGINT)
        self.assertEqual(work.wait(200), INTERRUPTED)
        self.assertEqual(self.status(1)["state"], "done")

    # -- many -------------------------------------------------------------------------------------

    def test_any_number_of_workers_paints_the_same(self):
        whole = self.whole()
        for workers in (2, 5):
            with self.subTest(workers=workers):
                target = f"by-{workers}.mkv"
                self.paint(self.source, target, *QUICK[2:], "--workers", workers)
                self.assertEqual((self.outputs / target).read_bytes(), whole)

    def test_four_share_what_cannot_be_divided(self):
        """Nineteen frames have one segment, which one of four workers paints."""
        source = self.clip("short.mp4", frames=19)
        out = self.outputs / "short.mkv"
        self.do("plan", source, *QUICK, "-o", out, "--job", self.job)
        self.do("work", self.job, "--workers", "4")
        self.do("finish", self.job)
        self.assertEqual(len(frame_times(out)), 19)

    # -- records ----------------------------------------------------------------------------------

    def test_segments_may_lie_in_a_store_of_their_own(self):
        data, artifacts = self.folder / "data", self.folder / "artifacts"
        out = self.outputs / "out.mkv"
        self.do("plan", self.source, *QUICK, "-o", out, "--artifacts", artifacts, "--data", data)
        plan = json.loads((artifacts / "plan.json").read_text())
        self.assertEqual(Path(plan["data"]).parent, data)
        self.do("work", artifacts)
        self.do("finish", artifacts)
        self.assertEqual(sorted(path.suffix for path in data.rglob("*") if path.is_file()),
                         [".nut"] * 3)
        self.assertEqual(list(artifacts.rglob("*.nut")), [])
        for name in ("status/0000.json", "report.json", "logs/0000-1.jsonl"):
            self.assertTrue((artifacts / name).is_file(), name)
        self.assertEqual(out.read_bytes(), self.whole())
        self.do("clean", artifacts)
        self.assertEqual([path for path in data.rglob("*") if path.is_file()], [])

    def test_logs_tell_what_happened(self):
        self.plan()
        work = self.start("work", self.job)
        os.kill(self.painting(work, 0, 1), signal.SIGKILL)
        self.assertEqual(work.wait(200), 0)
        self.do("finish", self.job)
        names = sorted(path.name for path in (self.job / "logs").iterdir())
        self.assertEqual(names[:4],
                         ["0000-1.jsonl", "0000-2.jsonl", "0001-1.jsonl", "0002-1.jsonl"])
        self.assertEqual([name.split("-")[0] for name in names[4:]], ["finish", "plan", "work"])
        for name in names:
            for line in self.log(name[:-len(".jsonl")]):
                self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
                self.assertIn(line["level"], ("info", "warning", "error"))
                self.assertEqual(line["job"], str(self.job))
                self.assertTrue(line["host"] and line["what"])
                if name[0] == "0":
                    self.assertEqual((line["segment"], line["attempt"]),
                                     (int(name[:4]), int(name[5])))
        self.assertIn("125 frames are painted", self.log("0000-2")[-1]["what"])
        status = self.status(0)
        self.assertEqual((status["state"], status["attempt"], status["frames"]), ("done", 2, 125))
        self.assertGreater(status["fps"], 0)
        self.assertEqual(status["engine"]["backend"], "openvino")


if __name__ == "__main__":
    unittest.main()
