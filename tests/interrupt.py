"""Ctrl-C while painting: the first ends cleanly, the second at once; nothing stays behind."""

import os
import signal
import subprocess
import threading
import time
import unittest

from support import H264, INTERRUPTED, STYLE, Story, environment, ffmpeg, picture, program, sound


class Interrupt(Story):

    def start(self, *words, target="out.mp4"):
        """The program in the middle of a long film."""
        source = self.folder / "long.mkv"
        if not source.exists():
            ffmpeg(*picture("192x108", 25), *sound(), "-t", "120", *H264, "-c:a", "aac", source)
        process = self.begin_process(program(), "paint", source, "--style", STYLE, "-o",
                                     self.outputs / target, "--progress", "json", *words)
        self.told = []
        painting = threading.Event()

        def listen():
            for line in process.stderr:
                self.told.append(line.rstrip("\n"))
                if '"begin"' in line or '"progress"' in line:
                    painting.set()
            painting.set()  # it ended before it began to paint
        self.listener = threading.Thread(target=listen, daemon=True)
        self.listener.start()
        self.assertTrue(painting.wait(60), self.told)
        time.sleep(0.3)
        self.assertIsNone(process.poll(), "it was through before it could be stopped")
        return process

    def left(self):
        return sorted(os.listdir(self.outputs))

    def test_the_first_ends_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            for target in ("out.mp4", "out.mkv"):
                with self.subTest(signal=number.name, target=target):
                    process = self.start(target=target)
                    asked = time.monotonic()
                    process.send_signal(number)
                    self.assertEqual(process.wait(30), INTERRUPTED)
                    self.assertLess(time.monotonic() - asked, 10)
                    self.listener.join(10)
                    self.assertEqual(self.left(), [])
                    said = [line for line in self.told if line.startswith("impasto: ")]
                    self.assertEqual(len(said), 1, self.told)
                    self.assertEqual(self.told[-1], said[0])

    def test_the_second_ends_at_once(self):
        process = self.start()
        process.send_signal(signal.SIGSTOP)  # so that both are waiting when it goes on
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        process.send_signal(signal.SIGCONT)
        code = process.wait(5)
        self.assertLess(time.monotonic() - asked, 1.0)
        self.assertIn(code, (130, INTERRUPTED))
        self.assertNotIn("out.mp4", self.left())

    def test_two_in_a_row_end_within_a_second(self):
        process = self.start()
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        asked = time.monotonic()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        code = process.wait(5)
        self.assertLess(time.monotonic() - asked, 1.0)
        self.assertIn(code, (130, INTERRUPTED))
        self.assertNotIn("out.mp4", self.left())

    def test_a_kill_leaves_nothing_under_the_name(self):
        process = self.start()
        process.kill()
        self.assertEqual(process.wait(10), -signal.SIGKILL)
        names = self.left()
        self.assertNotIn("out.mp4", names)
        for name in names:  # only where a disk cannot keep files without names
            self.assertTrue(name.startswith(".") and "impasto" in name, name)

    def test_an_output_that_was_there_stays(self):
        target = self.outputs / "out.mp4"
        target.write_bytes(b"precious")
        process = self.start("--overwrite")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), INTERRUPTED)
        self.assertEqual(self.left(), ["out.mp4"])
        self.assertEqual(target.read_bytes(), b"precious")

    def test_before_the_first_frame(self):
        """While the network is still being compiled."""
        env = environment()
        env["XDG_CACHE_HOME"] = str(self.folder / "cold")
        source = self.clip("in.mp4", size="320x240", frames=200)
        process = subprocess.Popen(
            [program(), "paint", str(source), "--style", STYLE, "-o",
             str(self.outputs / "out.mp4"), "--progress", "none"], env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        time.sleep(0.15)
        process.send_signal(signal.SIGINT)
        code = process.wait(30)
        # Before the program listens, the system ends it.
        self.assertIn(code, (INTERRUPTED, -signal.SIGINT), process.stderr.read())
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    unittest.main()
