"""Choosing a style: a sheet of a few moments of a clip in each style."""

import os
import time
import unittest

import numpy as np

from support import (BAD_INPUT, H264, LOSSLESS, STYLE, USAGE, Story, ffmpeg, film, impasto, lavfi,
                     picture, rgb)

GROUND = 27  # the sheet's own grey


def columns(sheet):
    """How many pictures stand side by side in the first row, of cells 64 wide and 48 high."""
    strip = sheet[56:76].astype(int)
    busy = np.abs(strip - GROUND).mean(axis=(0, 2)) > 8
    busy[1:-1] |= busy[:-2] & busy[2:]  # gaps are wider than an edge that passes through the ground
    return int(busy[0]) + int((busy[1:] & ~busy[:-1]).sum())


class Preview(Story):

    def preview(self, clip, target="sheet.png", *words):
        target = self.outputs / target
        result = impasto("preview", clip, "-o", target, "--progress", "none", *words)
        self.assertEqual(result.rc, 0, str(result))
        self.assertEqual(result.err, "")
        self.last = result
        return rgb(target)[0]

    def moments(self, *words):
        """A clip of five seconds whose every frame is another plain grey beside a white half."""
        path = self.folder / "clip.mkv"
        ffmpeg(*lavfi("color=gray:s=64x48:r=25:d=5,geq=lum='if(lt(X,32),235,16+N)':cb=128:cr=128"),
               *LOSSLESS, *words, path)
        return path

    def test_four_moments_in_every_style_there_is(self):
        sheet = self.preview(self.moments())
        self.assertIn("4 moments in ", self.last.out)
        self.assertEqual(columns(sheet), 4)

    def test_moments_are_spread_over_the_clip(self):
        sheet = self.preview(self.moments(), "sheet.png", "--styles", STYLE, "--moments", "5")
        greys = []  # of the source row: right halves of five cells 64 wide
        for cell in range(5):
            left = 8 + cell * (64 + 4) + 48
            column = sheet[:, left, 0].astype(int)
            greys.append(int(column[60]))
        steps = np.diff(greys)
        self.assertTrue((abs(steps - 25 * 255 / 219) <= 3).all(), str(greys))

    def test_a_black_beginning_is_left_out(self):
        clip = self.folder / "late.mp4"
        ffmpeg(*lavfi("color=black:s=64x48:r=25:d=3"), *picture(), "-t", "8", "-filter_complex",
               "[0][1]concat=n=2", *H264, clip)
        sheet = self.preview(clip, "sheet.png", "--styles", STYLE)
        self.assertEqual(columns(sheet), 4)
        for cell in range(4):
            left = 8 + cell * (64 + 4)
            self.assertGreater(sheet[50:80, left:left + 64].std(), 20, f"cell {cell}")

    def test_a_clip_of_two_frames_and_a_picture(self):
        self.preview(self.clip("two.mp4", frames=2), "two.png", "--styles", STYLE)
        still = self.folder / "still.png"
        ffmpeg(*picture(), "-frames:v", "1", still)
        sheet = self.preview(still, "still.jpg", "--styles", f"{STYLE},{STYLE}")
        self.assertIn("1 moment in 2 styles", self.last.out)
        self.assertEqual(columns(sheet), 3)
        self.assertEqual(film(self.outputs / "still.jpg")["codec_name"], "mjpeg")

    def test_size_and_shape(self):
        wide = self.clip("wide.mkv", "-aspect", "2", size="1280x960", frames=2)
        self.preview(wide, "a.png", "--styles", STYLE)
        self.assertIn("painted at 1356x680", self.last.out)  # as `paint` does, square
        self.preview(wide, "b.png", "--styles", STYLE, "--size", "96p")
        self.assertIn("painted at 192x96", self.last.out)

    def test_takes_seconds(self):
        clip = self.clip("long.mp4", size="1280x720", frames=500)
        self.preview(clip, "warm.png", "--styles", STYLE)
        begin = time.monotonic()
        self.preview(clip, "sheet.png", "--styles", STYLE)
        self.assertLess(time.monotonic() - begin, 15)

    def test_refusals_are_sentences_and_leave_nothing(self):
        clip = self.clip("in.mp4")
        still = self.folder / "in.png"
        ffmpeg(*picture(), "-frames:v", "1", still)
        before = still.read_bytes()
        sound_only = self.folder / "sound.wav"
        ffmpeg(*lavfi("sine=d=0.1"), sound_only)
        sheet = self.outputs / "sheet.png"
        link = self.folder / "link.png"
        os.symlink(still, link)
        for code, says, words in (
                (BAD_INPUT, "no file", [self.folder / "none.mp4", "-o", sheet]),
                (BAD_INPUT, "no video", [sound_only, "-o", sheet]),
                (BAD_INPUT, "no style", [clip, "-o", sheet, "--styles", "none"]),
                (USAGE, ".png or .jpg", [clip, "-o", self.outputs / "sheet.gif"]),
                (USAGE, "input", [still, "-o", link, "--overwrite"]),
                (USAGE, "from 1 to 24", [clip, "-o", sheet, "--moments", "0"]),
                (USAGE, "not a size", [clip, "-o", sheet, "--size", "big"]),
                (USAGE, "device", [clip, "-o", sheet, "--device", "abacus"]),
                (USAGE, "does not compute", [clip, "-o", sheet, "--precision", "f8"]),
                (BAD_INPUT, "exists", [clip, "-o", still])):
            with self.subTest(says=says):
                result = impasto("preview", *words, "--progress", "none")
                self.assertEqual(result.rc, code, str(result))
                self.assertEqual(len(result.err.strip().splitlines()), 1, str(result))
                self.assertIn(says, result.err)
                self.assertEqual(os.listdir(self.outputs), [])
        self.assertEqual(still.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
