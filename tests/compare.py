"""Two videos as one: side by side or split, together in time, with the first one's sound."""

import os
import unittest

import numpy as np

from support import (BAD_INPUT, H264, LOSSLESS, MILLISECOND, USAGE, Story, ffmpeg, film,
                     frame_times, hashes, impasto, lavfi, rgb, sound, streams)


class Compare(Story):

    def grey(self, name, levels, rate=25, size="64x48", words=()):
        """A film whose frames are flat, each of the brightness that is named for it."""
        path = self.folder / name
        steps = "".join(f"if(eq(N,{n}),{level}," for n, level in enumerate(levels))
        ffmpeg(*lavfi(f"nullsrc=s={size}:r={rate},format=gbrp,geq="
                      + ":".join(f"{c}='{steps}0{')' * len(levels)}'" for c in "rgb")),
               "-frames:v", str(len(levels)), *LOSSLESS, *words, path)
        return path

    def compare(self, one, other, target, *words):
        target = self.outputs / target
        self.last = impasto("compare", one, other, "-o", target, "--progress", "plain", *words)
        self.assertEqual(self.last.rc, 0, str(self.last))
        return target

    def halves(self, path, *, strip=0):
        """The brightness of each frame in the middle of its left and of its right half."""
        frames = rgb(path)[:, strip:, :, 0].astype(int)
        middle = frames.shape[1] // 2
        quarter = frames.shape[2] // 4
        return [(int(f[middle, quarter]), int(f[middle, -quarter])) for f in frames]

    def near(self, found, wanted):
        self.assertEqual(len(found), len(wanted), found)
        for pair, expected in zip(found, wanted):
            self.assertLessEqual(abs(pair[0] - expected[0]), 2, found)
            self.assertLessEqual(abs(pair[1] - expected[1]), 2, found)

    def test_frames_stand_beside_those_of_their_time(self):
        """Half the rate: each of its frames is seen twice."""
        one = self.grey("one.mkv", [20, 40, 60, 80])
        other = self.grey("other.mkv", [200, 100], rate=12.5)
        both = self.compare(one, other, "both.mkv", "--no-labels", "--codec", "ffv1")
        self.assertEqual(film(both)["height"], 48)
        self.near(self.halves(both), [(20, 200), (40, 200), (60, 100), (80, 100)])

    def test_what_ends_first_holds_its_last_frame(self):
        short = self.grey("short.mkv", [20, 40])
        long = self.grey("long.mkv", [200, 180, 160, 140])
        both = self.compare(short, long, "a.mkv", "--no-labels", "--codec", "ffv1")
        self.near(self.halves(both), [(20, 200), (40, 180), (40, 160), (40, 140)])
        self.assertIn("the first ends", self.last.err)
        both = self.compare(long, short, "b.mkv", "--no-labels", "--codec", "ffv1")
        self.near(self.halves(both), [(200, 20), (180, 40), (160, 40), (140, 40)])
        self.assertIn("the second ends", self.last.err)

    def test_variable_times_are_kept(self):
        one = self.folder / "vfr.mkv"
        ffmpeg(*lavfi("testsrc2=s=64x48:r=25"), "-vf", "select='not(mod(n,3))+eq(n,7)'", "-vsync",
               "vfr", "-frames:v", "8", *LOSSLESS, one)
        both = self.compare(one, self.grey("flat.mkv", [90] * 30), "both.mkv", "--no-labels")
        times = frame_times(one)
        found = frame_times(both)[:len(times)]
        self.assertLess(max(abs(a - b) for a, b in zip(times, found)), MILLISECOND)

    def test_a_line_parts_one_picture(self):
        one, other = self.grey("one.mkv", [30] * 2), self.grey("two.mkv", [220] * 2, size="96x72")
        for place in (0.25, 0.5, 1):
            both = self.compare(one, other, "split.mkv", "--split", str(place), "--no-labels",
                                "--codec", "ffv1", "--overwrite")
            self.assertEqual((film(both)["width"], film(both)["height"]), (64, 48))
            row = rgb(both)[0, 24, :, 0].astype(int)
            at = round(64 * place)
            self.assertLess(np.abs(row[:max(0, at - 4)] - 30).max(initial=0), 3)
            self.assertLess(np.abs(row[at + 4:] - 220).max(initial=0), 3)

    def test_another_shape_gets_the_first_one_s_height(self):
        one = self.grey("one.mkv", [30] * 2)
        other = self.grey("wide.mkv", [220] * 2, size="192x96")
        both = self.compare(one, other, "both.mkv", "--no-labels", "--codec", "ffv1")
        self.assertEqual(film(both)["height"], 48)
        self.assertAlmostEqual(film(both)["width"], 64 + 96, delta=6)

    def test_labels_stand_above(self):
        one, other = self.grey("one.mkv", [30] * 2), self.grey("two.mkv", [220] * 2)
        both = rgb(self.compare(one, other, "named.mkv", "--codec", "ffv1", "--labels",
                                "before,after"))
        strip = both.shape[1] - 48
        self.assertGreater(strip, 8)
        self.assertGreater(both[0, :strip].max(), 120, "letters")
        plain = rgb(self.compare(one, other, "plain.mkv", "--codec", "ffv1"))
        self.assertEqual(plain.shape, both.shape)
        self.assertTrue((plain[0, strip:] == both[0, strip:]).all())
        self.assertFalse((plain[0, :strip] == both[0, :strip]).all())

    def test_the_sound_is_the_first_one_s(self):
        one, other = self.folder / "loud.mp4", self.folder / "other.mp4"
        for path, hertz in ((one, 440), (other, 880)):
            ffmpeg(*lavfi("testsrc2=s=64x48:r=25"), *sound(hertz), "-t", "0.6", *H264, "-c:a",
                   "aac", path)
        both = self.compare(one, other, "both.mp4")
        self.assertEqual([s["codec_name"] for s in streams(both, "audio")], ["aac"])
        self.assertEqual(hashes(both, 1), hashes(one, 1))

    def test_a_moment_becomes_a_picture(self):
        one = self.grey("one.mkv", [20, 40, 60, 80])
        other = self.grey("other.mkv", [200, 180, 160, 140])
        both = self.compare(one, other, "moment.png", "--at", "0.081", "--no-labels")
        self.near(self.halves(both), [(60, 160)])
        both = self.compare(one, other, "first.png", "--no-labels")
        self.near(self.halves(both), [(20, 200)])
        self.assertIn("--at", self.last.err)

    def test_refusals_are_sentences_and_leave_nothing(self):
        one = self.grey("one.mkv", [20, 40])
        other = self.grey("other.mkv", [20, 40])
        out = self.outputs / "x.mkv"
        for code, says, words in (
                (BAD_INPUT, "no file", [one, self.folder / "none.mkv", "-o", out]),
                (USAGE, "source", [one, other, "-o", other, "--overwrite"]),
                (USAGE, "--at", [one, other, "-o", out, "--at", "0.04"]),
                (USAGE, "end of both", [one, other, "-o", self.outputs / "x.png", "--at", "9"]),
                (USAGE, "--labels", [one, other, "-o", out, "--labels", "one"]),
                (USAGE, "split", [one, other, "-o", out, "--split", "2"]),
                (USAGE, ".xyz", [one, other, "-o", self.outputs / "x.xyz"])):
            with self.subTest(words=words):
                result = impasto("compare", *words, "--progress", "none")
                self.assertEqual(result.rc, code, str(result))
                self.assertIn(says, result.err.lower() if says.islower() else result.err)
                self.assertEqual(os.listdir(self.outputs), [])
        out.write_bytes(b"precious")
        result = impasto("compare", one, other, "-o", out, "--progress", "none")
        self.assertNotEqual(result.rc, 0)
        self.assertEqual(out.read_bytes(), b"precious")


if __name__ == "__main__":
    unittest.main()
