"""A long film is painted in segments: the same command goes on after any death."""

import os
import signal
import time
import unittest

from support import (H264, INTERRUPTED, STYLE, UNAVAILABLE, Story, ffmpeg, frame_times, lavfi,
                     program, sound)

SECONDS = 16


class Resume(Story):

    def film(self, name="film.mp4", *words):
        path = self.folder / name
        ffmpeg(*lavfi("testsrc2=s=128x72:r=25"), *sound(), "-t", SECONDS, *H264, "-g", "50",
               "-c:a", "aac", *words, path)
        return path

    def words(self, source, target, *words):
        return ["paint", str(source), "--style", STYLE, "-o", str(self.outputs / target), *words]

    def beside(self, target):
        return self.outputs / f".{target}.impasto"

    def segments(self, target):
        return sorted(self.beside(target).glob("segments/*.nut"))

    def started(self, words, segments):
        """The program, when it has painted so many segments."""
        process = self.begin_process(program(), *words, "--progress", "plain")
        target = os.path.basename(words[words.index("-o") + 1])
        until = time.monotonic() + 120
        while len(self.segments(target)) < segments:
            self.assertIsNone(process.poll(), "it was through before it could be stopped")
            self.assertLess(time.monotonic(), until)
            time.sleep(0.005)
        return process

    def test_killed_it_goes_on_to_the_same_film(self):
        source = self.film()
        whole = self.outputs / "whole.mkv"
        self.paint(source, whole.name)
        self.assertEqual(os.listdir(self.outputs), [whole.name])
        for number in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(signal=number.name):
                target = f"{number.name}.mkv"
                words = self.words(source, target, "--grace", "0")
                process = self.started(words, 1)
                process.send_signal(number)
                code = process.wait(60)
                self.assertIn(code, (-signal.SIGKILL, INTERRUPTED))
                if code == INTERRUPTED:
                    self.assertIn("the same command goes on", process.stderr.read())
                self.assertFalse((self.outputs / target).exists())
                before = {path: path.stat().st_mtime_ns for path in self.segments(target)}
                process = self.started(words, len(before) + 1)
                after = {path: path.stat().st_mtime_ns for path in before}
                self.assertEqual(after, before)
                told = process.stderr.read()
                self.assertEqual(process.wait(120), 0, told)
                self.assertIn("were painted before", told)
                self.assertIn(" of them before", process.stdout.read())
                self.assertFalse(self.beside(target).exists())
                self.assertEqual((self.outputs / target).read_bytes(), whole.read_bytes())

    def test_another_wish_begins_anew_and_so_does_fresh(self):
        source = self.film()
        for more in (["--quality", "30"], ["--fresh"]):
            with self.subTest(more=more):
                target = f"{more[0][2:]}.mkv"
                process = self.started(self.words(source, target), 1)
                process.kill()
                process.wait()
                process = self.started(self.words(source, target, *more), 0)
                self.assertEqual(process.wait(120), 0)
                self.assertNotIn("painted before", process.stderr.read())
                self.assertEqual(len(frame_times(self.outputs / target)), SECONDS * 25)

    def test_two_at_once_do_not_tread_on_each_other(self):
        source = self.film()
        process = self.started(self.words(source, "out.mkv"), 1)
        self.refuse(UNAVAILABLE, source, "--style", STYLE, "-o", self.outputs / "out.mkv",
                    says="another process", left=[".out.mkv.impasto"])
        self.assertEqual(process.wait(120), 0)

    def test_a_damaged_film_is_painted_in_one(self):
        source = self.film("film.ts")
        bytes_ = bytearray(source.read_bytes())
        middle = len(bytes_) // 2
        bytes_[middle:middle + 3000] = bytes(3000)
        source.write_bytes(bytes_)
        self.paint(source, "out.mkv")
        self.assertIn("warning: ", self.last.err)
        self.assertEqual(os.listdir(self.outputs), ["out.mkv"])
        self.assertGreater(len(frame_times(self.outputs / "out.mkv")), SECONDS * 25 - 60)

    def test_the_sheet_shows_moments_of_all_of_it(self):
        source = self.film()
        self.paint(source, "out.mkv", "--start", "2", "--preview", self.outputs / "sheet.png")
        self.assertEqual(sorted(os.listdir(self.outputs)), ["out.mkv", "sheet.png"])


if __name__ == "__main__":
    unittest.main()
