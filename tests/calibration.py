"""What painting by a film's own numbers promises: steady, the same everywhere, a cut is a cut."""

import unittest

import numpy as np

from support import LOSSLESS, USAGE, Story, environment, ffmpeg, lavfi, rgb

SCENE = "testsrc2=s=160x96:r=25"
OTHER = "mandelbrot=s=160x96:r=25"


def change(frames):
    """The mean difference between each frame and the one before."""
    frames = frames.astype(float)
    return np.abs(frames[1:] - frames[:-1]).mean(axis=(1, 2, 3))


class Calibration(Story):

    def film(self, name, graph, frames):
        path = self.folder / name
        ffmpeg(*lavfi(graph), "-frames:v", str(frames), *LOSSLESS, "-pix_fmt", "yuv444p", path)
        return path

    def still(self, name, changes, frames):
        """A picture that stands still, save for `changes`."""
        return self.film(name, f"{SCENE},select='eq(n,5)',loop=-1:1:0,setpts=N/25/TB,{changes}",
                         frames)

    def paint_lossless(self, source, target, *words, **more):
        path, report = self.paint(source, target, "--codec", "ffv1", "--stroke", "native", *words,
                                  **more)
        return rgb(path), report

    def with_cache(self, name):
        """The environment with a cache of its own."""
        return {**environment(), "XDG_CACHE_HOME": str(self.folder / name)}

    def test_changing_light_does_not_shimmer(self):
        # The lamp flickers in one corner: the rest of the scene stands as it stood.
        source = self.still("lamp.mkv", "drawbox=x=0:y=0:w=40:h=40:color=white:t=fill:"
                            "enable='eq(mod(n,2),1)'", 20)
        steady, report = self.paint_lossless(source, "steady.mkv", "--precision", "f32")
        live, _ = self.paint_lossless(source, "live.mkv", "--precision", "f32", "--live-norm")
        self.assertEqual(report["calibration"]["stretches"], 1)
        far = np.s_[:, :, 144:]  # the network looks 92 pixels far
        self.assertLess(change(steady[far]).max(), 0.02)
        self.assertGreater(change(live[far]).mean(), 1)

    def test_each_shot_has_its_own_numbers(self):
        source = self.film("cut.mkv", f"{SCENE},trim=end_frame=30[a];{OTHER},trim=end_frame=30[b];"
                           "[a][b]concat=n=2:v=1:a=0,setpts=N/25/TB", 60)
        whole, report = self.paint_lossless(source, "whole.mkv", "--precision", "f32")
        self.assertEqual(report["calibration"]["stretches"], 2)
        part, _ = self.paint_lossless(source, "part.mkv", "--precision", "f32", "--start", "1.2")
        self.assertEqual(len(part), 30)
        self.assertLessEqual(np.abs(whole[30:].astype(int) - part).max(), 1)

    def test_a_drift_has_no_jumps(self):
        source = self.still("drift.mkv", "eq=brightness='-0.35+0.7*n/100':eval=frame", 100)
        for words in ((), ("--precision", "f32")):
            with self.subTest(words=words):
                painted, report = self.paint_lossless(source, "drift.mkv", "--overwrite", *words)
                self.assertGreater(report["calibration"]["stretches"], 1)
                steps = change(painted)
                self.assertLess(steps.max(), 3 * np.median(steps) + 0.5, steps.round(2))

    def test_a_fade_to_another_scene_has_no_jumps(self):
        source = self.film("fades.mkv", f"{SCENE},trim=end_frame=30,fade=out:12:18[a];"
                           f"{OTHER},trim=end_frame=30,fade=in:0:18[b];"
                           "[a][b]concat=n=2:v=1:a=0,setpts=N/25/TB", 60)
        for words in (("--precision", "int8"), ("--precision", "f32"),
                      ("--precision", "f32", "--stability", "high")):
            with self.subTest(words=words):
                painted, report = self.paint_lossless(source, "fades-painted.mkv", "--overwrite",
                                                      *words)
                if "int8" in words:
                    self.assertGreater(report["calibration"]["psnr"], 30)
                tone = painted.reshape(60, -1).mean(axis=1)
                steps = np.abs(np.diff(tone))
                self.assertLess(steps[25:35].max(), 2 * np.median(steps[14:46]) + 2,
                                steps.round(1))

    def test_a_fade_ends_in_the_dark(self):
        source = self.still("fade.mkv", "fade=out:20:20", 50)
        painted, report = self.paint_lossless(source, "fade.mkv")
        self.assertLessEqual(report["calibration"]["stretches"], 2)
        light = painted.astype(float).mean(axis=(1, 2, 3))
        self.assertLess(light[-1], light[0] / 2)
        self.assertLess(change(painted).max(), 20)

    def test_runs_and_threads_make_no_difference(self):
        source = self.film("cut.mkv", f"{SCENE},trim=end_frame=9[a];{OTHER},trim=end_frame=9[b];"
                           "[a][b]concat=n=2:v=1:a=0,setpts=N/25/TB", 18)
        for precision in ("int8", "f32"):
            films = []
            for name, words in (("a", ()), ("b", ()), ("c", ("--threads", "1"))):
                painted, report = self.paint_lossless(
                    source, "film.mkv", "--precision", precision, "--overwrite", *words,
                    env=self.with_cache(f"{name}-{precision}"))
                self.assertEqual(report["engine"]["precision"], precision)
                films.append(painted)
            self.assertTrue(np.array_equal(films[0], films[1]))
            self.assertTrue(np.array_equal(films[0], films[2]))

    def test_int8_looks_like_f32(self):
        source = self.film("film.mkv", OTHER, 12)
        whole, report = self.paint_lossless(source, "8.mkv", "--precision", "int8")
        self.assertGreater(report["calibration"]["psnr"], 30)
        exact, _ = self.paint_lossless(source, "32.mkv", "--precision", "f32")
        error = np.square(whole.astype(float) - exact).mean()
        self.assertGreater(10 * np.log10(255 * 255 / error), 30)

    def test_tiles_make_no_difference(self):
        source = self.film("film.mkv", "testsrc2=s=434x310:r=25", 3)
        for precision in ("int8", "f32"):
            whole, _ = self.paint_lossless(source, "whole.mkv", "--precision", precision,
                                           "--overwrite")
            tiled, report = self.paint_lossless(source, "tiled.mkv", "--precision", precision,
                                                "--tile", "320", "--overwrite")
            self.assertLess(report["engine"]["tile"][0] * report["engine"]["tile"][1], 434 * 310)
            self.assertLessEqual(np.abs(whole.astype(int) - tiled).max(), 1)

    def test_a_film_is_looked_at_once(self):
        source = self.film("film.mkv", SCENE, 10)
        cache = self.with_cache("cache")
        told = []
        for _ in range(2):
            self.paint(source, "film.mkv", "--overwrite", "--progress", "plain", env=cache)
            told.append("looking at" in self.last.err)
        self.assertEqual(told, [True, False])
        kept = list((self.folder / "cache/impasto/calibrations").iterdir())
        self.assertEqual(len(kept), 1)
        kept[0].write_text("{ not what it was")
        self.paint(source, "film.mkv", "--overwrite", "--progress", "plain", env=cache)
        self.assertIn("looking at", self.last.err)

    def test_what_does_not_go_together_is_refused(self):
        source = self.film("film.mkv", "testsrc2=s=434x310:r=25", 2)
        common = (source, "--style", "starry-night", "-o", self.outputs / "x.mkv", "--progress",
                  "none")
        self.refuse(USAGE, *common, "--live-norm", "--precision", "int8", says="calibration")
        self.refuse(USAGE, *common, "--live-norm", "--tile", "320", says="tiles")
        self.refuse(USAGE, *common, "--tile", "small", says=("--tile", "small"))


if __name__ == "__main__":
    unittest.main()
