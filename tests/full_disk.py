"""A disk that fills up while painting: one sentence, and no half film."""

import os
import resource
import subprocess
import unittest

from support import (BAD_INPUT, LOSSLESS, STYLE, UNAVAILABLE, Story, count_frames, environment, ffmpeg,
                     impasto, lavfi, sound)


class FullDisk(Story):

    def setUp(self):
        super().setUp()
        self.source = self.folder / "noise.mkv"
        ffmpeg(*lavfi("nullsrc=s=64x48:r=25,geq='random(1)*255':128:128"), *sound(), "-t", "1.2",
               *LOSSLESS, "-c:a", "pcm_s16le", self.source)

    def mounted(self, *options):
        """A small disk of our own; needs root in a place where mounting is allowed."""
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs",
                                self.outputs], capture_output=True, check=False)
        if mount.returncode != 0:
            self.skipTest("no disk can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", self.outputs], check=False)

    def test_a_disk_that_fills_up(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        self.mounted("size=64k")
        for target, words in (("out.mkv", ["--codec", "ffv1"]), ("out.mov", ["--quality", "0"])):
            with self.subTest(target=target):
                self.refuse(UNAVAILABLE, self.source, "--style", STYLE, "-o",
                            self.outputs / target, "--progress", "none", *words, says="full")

    def test_a_disk_that_is_full_already(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        self.mounted("size=16k")
        (self.outputs / "stuff").write_bytes(b"")
        with open("/dev/zero", "rb") as zeros, open(self.outputs / "stuff", "wb") as stuff:
            try:
                stuff.write(zeros.read(1 << 20))
            except OSError:
                pass
        self.refuse(UNAVAILABLE, self.source, "--style", STYLE, "-o", self.outputs / "out.mkv",
                    "--progress", "none", says="full", left=["stuff"])

    def test_a_disk_that_may_only_be_read(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a disk")
        self.mounted("size=128k", "ro")
        self.refuse(BAD_INPUT, self.source, "--style", STYLE, "-o", self.outputs / "out.mkv",
                    says="read-only")

    def test_a_film_is_refused_before_it_is_painted_where_there_is_no_room_for_it(self):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small disk")
        film = self.folder / "film.mkv"
        ffmpeg(*lavfi("nullsrc=s=64x48:r=25,geq='random(1)*255':128:128"), "-t", "62", *LOSSLESS, film)
        self.mounted("size=9m")  # the style takes three
        words = ("--style", STYLE, "-o", self.outputs / "out.mkv", "--codec", "ffv1", "--live-norm",
                 "--progress", "none")
        job = self.outputs / "job"
        for command in (("plan", film, *words, "--job", job), ("paint", film, *words)):
            with self.subTest(command=command[0]):
                told = impasto(*command)
                self.assertEqual(told.rc, UNAVAILABLE, str(told))
                self.assertRegex(told.err, r"the segments and the film will take about \d.* MB, and "
                                 r"there is room for .*; make room there or choose another place")
        self.assertFalse(list((job / "segments").glob("*")))
        subprocess.run(["mount", "-o", "remount,size=64m", self.outputs], check=True)
        for words in (("work", job, "--progress", "none"), ("finish", job, "--progress", "none")):
            told = impasto(*words)  # by the plan that is there
            self.assertEqual(told.rc, 0, str(told))
        self.assertEqual(count_frames(self.outputs / "out.mkv"), 62 * 25)

    def test_a_limit_on_the_size_of_files(self):
        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        # The compiled network is there by then, so that only the film meets the limit.
        self.paint(self.source, "first.mkv", "--codec", "ffv1")
        (self.outputs / "first.mkv").unlink()
        self.refuse(UNAVAILABLE, self.source, "--style", STYLE, "-o", self.outputs / "out.mkv",
                    "--progress", "none", "--codec", "ffv1", preexec_fn=limited,
                    says=("out.mkv", "largest"))

    def test_a_cache_that_cannot_be_written_is_no_reason_to_stop(self):
        blocker = self.folder / "cache"
        blocker.write_text("in the way")
        env = environment()
        env["XDG_CACHE_HOME"] = str(blocker)
        painted, report = self.paint(self.source, "out.mkv", env=env)
        self.same_frames(self.source, painted, report)


if __name__ == "__main__":
    unittest.main()
