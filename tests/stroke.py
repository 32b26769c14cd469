"""The breadth of strokes: the same share of the picture in every size of frame, and sharp."""

import unittest

import numpy as np

import identity_style
from support import LOSSLESS, USAGE, Story, ffmpeg, film, lavfi, pixels

SCENE = "mandelbrot=s=1920x1080:r=25:start_scale=0.6:end_scale=0.5"


class Stroke(Story):

    def setUp(self):
        super().setUp()
        self.identity = identity_style.write(self.folder / "identity.onnx")

    def scene(self, size, frames=1, pix_fmt="yuv420p", graph=SCENE):
        path = self.folder / f"{size[0]}x{size[1]}-{pix_fmt}.mkv"
        if path.exists():
            return path
        ffmpeg(*lavfi(graph), "-frames:v", str(frames), "-vf",
               f"scale={size[0]}:{size[1]}:flags=area", *LOSSLESS, "-pix_fmt", pix_fmt, path)
        return path

    def painted(self, size, *words, pix_fmt="yuv420p", **more):
        """The brightness of the painted scene, 0 to 255, and the size that was worked at."""
        path, report = self.paint(self.scene(size, pix_fmt=pix_fmt), f"{size[1]}.mkv", "--codec",
                                  "ffv1", "--overwrite", *words, **more)
        self.assertEqual((film(path)["width"], film(path)["height"]), size)
        found = pixels(path, "gray", size).reshape(size[1], size[0])
        return found.astype(float), tuple(report["engine"]["worked_at"])

    @staticmethod
    def shrunk(picture, times):
        height, width = (side // times for side in picture.shape)
        return picture[:height * times, :width * times].reshape(
            height, times, width, times).mean((1, 3))

    @staticmethod
    def sharpness(picture):
        return np.abs(np.diff(picture, axis=1)).mean()

    def test_a_style_looks_the_same_in_all_sizes(self):
        sizes = ((960, 540), (1920, 1080))
        same = [self.shrunk(self.painted(size)[0], size[1] // 180) for size in sizes]
        native = [self.shrunk(self.painted(size, "--stroke", "native")[0], size[1] // 180)
                  for size in sizes]
        apart, apart_native = (np.abs(one - other).mean() for one, other in (same, native))
        self.assertLess(apart, 0.7 * apart_native)

    def test_the_size_to_work_at_is_told(self):
        for size, words, worked in (
                ((1920, 1080), (), (1280, 720)),
                ((1280, 720), (), (1280, 720)),
                ((320, 180), (), (640, 360)),
                ((320, 180), ("--stroke", "4"), (160, 90)),
                ((320, 180), ("--stroke", "0.5"), (1280, 720)),
                ((320, 180), ("--stroke", "native"), (320, 180))):
            with self.subTest(size=size, words=words):
                self.assertEqual(self.painted(size, *words)[1], worked)

    def test_what_is_enlarged_is_as_sharp_as_what_is_painted_whole(self):
        size = (1920, 1080)
        enlarged, _ = self.painted(size, "--stroke", "1.5")
        small, _ = self.painted((854, 480), "--stroke", "native")
        plain = np.repeat(np.repeat(small, 2, 0), 2, 1)
        self.assertGreater(self.sharpness(enlarged), 0.8 * self.sharpness(plain))

    def test_nothing_painted_comes_back_enlarged(self):
        """Through every kind of format: 4:2:0, 10 bits, RGB, grey."""
        size = (640, 360)
        for pix_fmt in ("yuv420p", "yuv422p10le", "gbrp", "gray", "yuv444p"):
            with self.subTest(pix_fmt=pix_fmt):
                source = pixels(self.scene(size, pix_fmt=pix_fmt), "gray", size)
                found, worked = self.painted(size, "--stroke", "4", pix_fmt=pix_fmt,
                                             style=self.identity)
                self.assertEqual(worked, (320, 180))
                source = source.reshape(size[1], size[0]).astype(float)
                # Fine detail is lost on the way; brightness is not, nor the place of anything.
                self.assertLess(np.abs(self.shrunk(found, 4) - self.shrunk(source, 4)).mean(), 2)
                self.assertLess(abs(found.mean() - source.mean()), 0.5)

    def test_flat_areas_stay_flat(self):
        """No pattern of the network's blocks, in light and dark."""
        for level in (16, 60, 126, 200, 235):
            found, _ = self.painted_flat(level)
            inner = found[8:-8, 8:-8]
            self.assertLessEqual(inner.max() - inner.min(), 1, level)
            self.assertLessEqual(abs(inner.mean() - found[0].mean()), 1, "at the edges as within")

    def painted_flat(self, level):
        size = (640, 360)
        source = self.folder / "flat.mkv"
        ffmpeg(*lavfi(f"color=gray:s={size[0]}x{size[1]}:r=25,format=gray,lutyuv=y={level}"),
               "-frames:v", "1", *LOSSLESS, "-pix_fmt", "gray", source)
        path, report = self.paint(source, "flat-painted.mkv", "--codec", "ffv1", "--overwrite",
                                  "--stroke", "4", style=self.identity)
        found = pixels(path, "gray", size).reshape(size[1], size[0]).astype(float)
        return found, report

    def test_sizes_over_four_k_are_painted_in_little_memory(self):
        found, worked = self.painted((3840, 2160))
        self.assertEqual(worked, (1280, 720))
        self.assertGreater(self.sharpness(found), 2)

    def test_what_is_no_stroke_is_refused(self):
        source = self.scene((320, 180))
        for word in ("0", "5", "broad", "-1", "nan"):
            self.refuse(USAGE, source, "--style", "starry-night", "-o", self.outputs / "x.mkv",
                        "--progress", "none", "--stroke", word, says="--stroke")


if __name__ == "__main__":
    unittest.main()
