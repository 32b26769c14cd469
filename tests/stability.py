"""What --stability promises: what stands still stays as it was painted, a cut is a cut, no ghosts."""

import unittest

import numpy as np

from support import LOSSLESS, USAGE, Story, ffmpeg, lavfi, rgb

SCENE = "testsrc2=s=160x96:r=25"
OTHER = "mandelbrot=s=160x96:r=25"
STILL = f"{SCENE},select='eq(n,5)',loop=-1:1:0,setpts=N/25/TB"


def change(frames):
    """The mean difference between each frame and the one before."""
    frames = frames.astype(float)
    return np.abs(frames[1:] - frames[:-1]).mean(axis=(1, 2, 3))


class Stability(Story):

    def film(self, name, graph, frames):
        path = self.folder / name
        ffmpeg(*lavfi(graph), "-frames:v", str(frames), *LOSSLESS, "-pix_fmt", "yuv444p", path)
        return path

    def painted(self, source, level, *words):
        path, report = self.paint(source, f"{level}.mkv", "--codec", "ffv1", "--overwrite",
                                  "--stability", level, *words)
        self.assertEqual(report["problems"], [])
        return rgb(path)

    def test_noise_does_not_flicker(self):
        source = self.film("noise.mkv", f"{STILL},noise=alls=8:allf=t", 40)
        flicker = {level: change(self.painted(source, level))[10:].mean()
                   for level in ("off", "low", "high")}
        self.assertLess(flicker["low"], 0.6 * flicker["off"], flicker)
        self.assertLess(flicker["high"], 0.4 * flicker["off"], flicker)

    def test_nothing_darkens_or_drifts(self):
        source = self.film("noise.mkv", f"{STILL},noise=alls=4:allf=t", 200)
        plain = self.painted(source, "off", "--size", "80x48").astype(float)
        steady = self.painted(source, "high", "--size", "80x48").astype(float)
        self.assertLess(abs(steady[-20:].mean() - plain[-20:].mean()), 0.5)
        self.assertLess(abs(steady[-20:].mean() - steady[10:30].mean()), 0.3)

    def test_a_cut_is_a_cut(self):
        source = self.film("cut.mkv", f"{SCENE},trim=end_frame=12[a];{OTHER},trim=end_frame=12[b];"
                           "[a][b]concat=n=2:v=1:a=0,setpts=N/25/TB", 24)
        plain, steady = self.painted(source, "off"), self.painted(source, "10")
        for first in (0, 12):
            self.assertTrue(np.array_equal(plain[first], steady[first]))

    def test_what_moves_leaves_no_ghost(self):
        source = self.film("box.mkv", f"{STILL}[s];color=white:s=24x24:r=25[b];"
                           "[s][b]overlay=x=4*n:y=36:shortest=1", 30)
        plain, steady = self.painted(source, "off"), self.painted(source, "high")
        # Where the box was two frames ago, the painting is what it is without it.
        trail = np.s_[25, 40:56, 4 * 23 - 8:4 * 23 + 8]
        error = np.abs(steady[trail].astype(float) - plain[trail]).mean()
        self.assertLess(error, 12)

    def test_runs_and_threads_make_no_difference(self):
        source = self.film("move.mkv", SCENE, 12)
        films = [self.painted(source, "high", *words) for words in ((), (), ("--threads", "1"))]
        self.assertTrue(np.array_equal(films[0], films[1]))
        self.assertTrue(np.array_equal(films[0], films[2]))

    def test_levels_that_there_are_not(self):
        source = self.film("move.mkv", SCENE, 2)
        for level in ("11", "-1", "much", "nan", ""):
            with self.subTest(level=level):
                self.refuse(USAGE, source, "--style", "starry-night", "-o", self.outputs / "x.mkv",
                            "--stability=" + level, says="--stability")


if __name__ == "__main__":
    unittest.main()
