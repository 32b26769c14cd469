"""The colours' whole way, from coded values to float RGB and back, leaves them as they were.

Lossless in and lossless out (FFV1), so that nothing but the conversion counts. Two ways are gone:
through a style that paints nothing at full strength, and through a real one at strength 0.
"""

import itertools
import unittest

import numpy as np

import identity_style
from support import LOSSLESS, STYLE, Story, ffmpeg, film, lavfi, pixels

SIZE = (96, 64)
FORMATS = {8: ("yuv420p", "yuv422p", "yuv444p"),
           10: ("yuv420p10le", "yuv422p10le", "yuv444p10le")}
MATRICES = {"bt709": ("bt709", "bt709", "bt709"), "smpte170m": ("smpte170m",) * 3,
            "bt2020nc": ("bt2020nc", "bt2020", "smpte2084")}
# Slow slopes in all three channels: what sharing chroma between pixels can hold.
SMOOTH = ("gradients=s={0}x{1}:c0=0x203060:c1=0xd0a030:c2=0x40a080:c3=0x803050:nb_colors=4:x0=0:"
          "y0=0:x1={0}:y1={1}:speed=0.02:r=25,gblur=sigma=4")
BARS = "smptebars=s={0}x{1}:r=25"
DETAIL = "mandelbrot=s={0}x{1}:r=25"


def planes(values, pix_fmt, size):
    """Luma [N,H,W] and both chromas of planar frames."""
    width, height = size
    across = 1 if "444" in pix_fmt or "gbr" in pix_fmt else 2
    down = 2 if "420" in pix_fmt else 1
    small = (-(-height // down), -(-width // across))
    luma = values[:, :width * height].reshape(-1, height, width)
    area = small[0] * small[1]
    rest = values[:, width * height:].reshape(-1, 2, area)
    return [luma, *(rest[:, i].reshape(-1, *small) for i in (0, 1))]


class Colour(Story):

    def setUp(self):
        super().setUp()
        self.identity = identity_style.write(self.folder / "identity.onnx")

    def paint(self, source, target, *words, **more):
        """At the source's own size, so that pixels can be compared."""
        return super().paint(source, target, "--stroke", "native", *words, **more)

    def graded(self, name, graph, pix_fmt, matrix="bt709", limited=True, size=SIZE, frames=2):
        """A lossless clip of a filter graph, converted and tagged as asked."""
        path = self.folder / name
        space, primaries, transfer = MATRICES[matrix]
        spread = "tv" if limited else "pc"
        scale = f"scale=out_color_matrix={'bt2020' if 'bt2020' in space else space}:out_range=" + (
            spread) + ":flags=accurate_rnd+full_chroma_inp+full_chroma_int"
        ffmpeg(*lavfi(graph.format(*size)), "-frames:v", str(frames), "-vf",
               f"format=gbrp16le,{scale},format={pix_fmt}", *LOSSLESS, "-pix_fmt", pix_fmt,
               "-colorspace", space, "-color_primaries", primaries, "-color_trc", transfer,
               "-color_range", spread, path)
        self.assertEqual(film(path)["pix_fmt"], pix_fmt, "the clip itself")
        return path

    def distance(self, source, painted, pix_fmt, size=SIZE):
        """Largest difference in each plane, as [N,H,W] arrays, in steps of 8 bits."""
        step = 4 if "10" in pix_fmt else 1
        before = planes(pixels(source, pix_fmt, size), pix_fmt, size)
        after = planes(pixels(painted, pix_fmt, size), pix_fmt, size)
        return [np.abs(a.astype(int) - b.astype(int)) / step for a, b in zip(before, after)]

    def keeps_tags(self, source, painted):
        for key in ("pix_fmt", "color_space", "color_primaries", "color_transfer", "color_range",
                    "width", "height"):
            self.assertEqual(film(painted).get(key), film(source).get(key), key)

    def every_coding(self):
        for depth, matrix, limited in itertools.product((8, 10), ("bt709", "smpte170m"),
                                                        (True, False)):
            for pix_fmt in FORMATS[depth]:
                yield pix_fmt, matrix, limited
        yield "yuv420p10le", "bt2020nc", True

    def test_nothing_painted_gives_the_source_back(self):
        for pix_fmt, matrix, limited in self.every_coding():
            with self.subTest(pix_fmt=pix_fmt, matrix=matrix, limited=limited):
                source = self.graded("smooth.mkv", SMOOTH, pix_fmt, matrix, limited)
                painted, _ = self.paint(source, "smooth.mkv", "--codec", "ffv1", "--overwrite",
                                        "--precision", "f32", style=self.identity)
                self.keeps_tags(source, painted)
                for distance in self.distance(source, painted, pix_fmt):
                    self.assertLessEqual(distance.max(), 2)
                    self.assertLessEqual(distance.mean(), 0.5)

    def test_nothing_painted_keeps_full_chroma_exactly(self):
        """Where no chroma is shared even bars and fine detail come back."""
        for graph in (BARS, DETAIL):
            for pix_fmt, limited in itertools.product(("yuv444p", "yuv444p10le"), (True, False)):
                with self.subTest(graph=graph, pix_fmt=pix_fmt, limited=limited):
                    source = self.graded("full.mkv", graph, pix_fmt, "bt709", limited)
                    painted, _ = self.paint(source, "full.mkv", "--codec", "ffv1", "--overwrite",
                                            "--precision", "f32", style=self.identity)
                    for distance in self.distance(source, painted, pix_fmt):
                        self.assertLessEqual(distance.max(), 1)

    def test_nothing_painted_keeps_areas_and_brightness_beside_hard_edges(self):
        """Shared chroma cannot keep an edge between two colours; all else it keeps."""
        wide = (288, 96)
        for pix_fmt in ("yuv420p", "yuv422p", "yuv420p10le"):
            with self.subTest(pix_fmt=pix_fmt):
                source = self.graded("bars.mkv", BARS, pix_fmt, size=wide)
                painted, _ = self.paint(source, "bars.mkv", "--codec", "ffv1", "--overwrite",
                                        "--precision", "f32", style=self.identity)
                distances = self.distance(source, painted, pix_fmt, wide)
                before = planes(pixels(source, pix_fmt, wide), pix_fmt, wide)
                for distance, plane in zip(distances, before):
                    flat = self.far_from_edges(before, plane.shape[1:])
                    self.assertGreater(flat.mean(), 0.2, "the clip itself")
                    self.assertLessEqual(distance[0][flat].max(), 2)
                self.assertLessEqual(distances[0].max(), 6)

    @staticmethod
    def far_from_edges(found, shape, reach=8):
        """Where all planes are even for `reach` pixels up, down and aside, at a plane's size."""
        flat = np.ones(shape, bool)
        size = found[0].shape[1:]
        for plane in found:
            picture = plane[0].astype(int)
            low, high = picture.copy(), picture.copy()
            for axis in (0, 1):
                most = reach * picture.shape[axis] // size[axis]
                for shift in range(-most, most + 1):
                    moved = np.roll(picture, shift, axis)
                    low, high = np.minimum(low, moved), np.maximum(high, moved)
            even = high - low <= (8 if found[0].max() > 255 else 2)  # dithering is no edge
            rows = np.arange(shape[0]) * picture.shape[0] // shape[0]
            columns = np.arange(shape[1]) * picture.shape[1] // shape[1]
            flat &= even[np.ix_(rows, columns)]
        edge = reach // 2
        flat[:edge], flat[-edge:], flat[:, :edge], flat[:, -edge:] = False, False, False, False
        return flat

    def test_strength_0_gives_the_source_back(self):
        for pix_fmt, matrix, limited in self.every_coding():
            with self.subTest(pix_fmt=pix_fmt, matrix=matrix, limited=limited):
                source = self.graded("bars.mkv", BARS, pix_fmt, matrix, limited)
                painted, _ = self.paint(source, "bars.mkv", "--codec", "ffv1", "--overwrite",
                                        "--strength", "0")
                self.keeps_tags(source, painted)
                for distance in self.distance(source, painted, pix_fmt):
                    self.assertEqual(distance.max(), 0)

    def test_strength_0_gives_noise_and_extremes_back(self):
        """Values outside the limited range are values too."""
        wild = "nullsrc=s={0}x{1}:r=25,format=yuv444p,geq='random(1)*255':'random(2)*255':" + (
            "'random(3)*255'")
        for pix_fmt, limited in itertools.product(("yuv420p", "yuv444p", "yuv420p10le"),
                                                  (True, False)):
            with self.subTest(pix_fmt=pix_fmt, limited=limited):
                path = self.folder / "wild.mkv"
                ffmpeg(*lavfi(wild.format(*SIZE)), "-frames:v", "2", "-pix_fmt", pix_fmt, *LOSSLESS,
                       "-colorspace", "bt709", "-color_range", "tv" if limited else "pc", path)
                painted, _ = self.paint(path, "wild.mkv", "--codec", "ffv1", "--overwrite",
                                        "--strength", "0")
                for distance in self.distance(path, painted, pix_fmt):
                    self.assertEqual(distance.max(), 0)

    def test_odd_sizes_keep_every_line(self):
        odd = itertools.product(((97, 65),), ("yuv420p", "yuv422p", "yuv444p", "yuv420p10le"))
        for size, pix_fmt in (*odd, ((96, 65), "yuv420p"), ((97, 64), "yuv420p")):
            with self.subTest(size=size, pix_fmt=pix_fmt):
                source = self.graded("odd.mkv", BARS, pix_fmt, size=size)
                painted, _ = self.paint(source, "odd.mkv", "--codec", "ffv1", "--overwrite",
                                        "--strength", "0")
                self.keeps_tags(source, painted)
                for distance in self.distance(source, painted, pix_fmt, size):
                    self.assertEqual(distance.max(), 0)
                source = self.graded("odd-smooth.mkv", SMOOTH, pix_fmt, size=size)
                painted, _ = self.paint(source, "odd-smooth.mkv", "--codec", "ffv1", "--overwrite",
                                        "--precision", "f32", style=self.identity)
                for distance in self.distance(source, painted, pix_fmt, size):
                    self.assertLessEqual(distance.max(), 2)

    def test_untagged_clips_stay_untagged(self):
        for size in ((96, 64), (1280, 720)):
            with self.subTest(size=size):
                path = self.folder / "untagged.mkv"
                ffmpeg(*lavfi(SMOOTH.format(*size)), "-frames:v", "1", "-pix_fmt", "yuv420p",
                       *LOSSLESS, path)
                painted, _ = self.paint(path, "untagged.mkv", "--codec", "ffv1", "--overwrite",
                                        "--precision", "f32", style=self.identity)
                self.keeps_tags(path, painted)
                for distance in self.distance(path, painted, "yuv420p", size):
                    self.assertLessEqual(distance.max(), 2)

    def test_rgb_and_grey_come_back(self):
        for pix_fmt, codec, back in (("bgr0", "ffv1", "gbrp"), ("gbrp", "h264rgb", "gbrp"),
                                     ("gray", "ffv1", "gray"), ("gbrp10le", "ffv1", "gbrp10le")):
            with self.subTest(pix_fmt=pix_fmt):
                path = self.folder / f"{pix_fmt}.mkv"
                coder = (["-c:v", "libx264rgb", "-qp", "0"] if codec == "h264rgb" else LOSSLESS)
                target = "rgb24" if codec == "h264rgb" else pix_fmt
                ffmpeg(*lavfi(SMOOTH.format(*SIZE)), "-frames:v", "2", "-pix_fmt", target, *coder,
                       path)
                painted, _ = self.paint(path, path.name, "--codec", "ffv1", "--precision", "f32",
                                        style=self.identity)
                words = pixels(path, back, SIZE).astype(int)
                found = pixels(painted, back, SIZE).astype(int)
                self.assertEqual(words.shape, found.shape)
                scale = 4 if "10" in back else 1
                self.assertLessEqual(np.abs(words - found).max() / scale, 2)

    def test_h264_and_hevc_write_the_tags(self):
        """Also where the codec, not the container, has to hold them."""
        for codec, end in itertools.product(("h264", "hevc", "vp9", "av1"), ("mp4", "mkv")):
            with self.subTest(codec=codec, end=end):
                source = self.graded("tags.mkv", BARS, "yuv420p10le", "bt2020nc")
                painted, _ = self.paint(source, f"tags-{codec}.{end}", "--codec", codec)
                for key in ("color_space", "color_primaries", "color_transfer", "color_range"):
                    self.assertEqual(film(painted).get(key), film(source).get(key), key)
                self.assertEqual(film(painted)["pix_fmt"], "yuv420p10le")

    def test_full_range_stays_full_range_in_h264(self):
        source = self.graded("full.mkv", SMOOTH, "yuv420p", "smpte170m", limited=False)
        painted, _ = self.paint(source, "full.mp4", "--quality", "4", "--precision", "f32",
                                style=self.identity)
        self.assertEqual(film(painted)["color_range"], "pc")
        self.assertEqual(film(painted)["color_space"], "smpte170m")
        for distance in self.distance(source, painted, film(painted)["pix_fmt"]):
            self.assertLessEqual(distance.mean(), 2)

    def test_real_styles_paint(self):
        """Lest all of the above be met by a program that paints nothing."""
        source = self.graded("bars.mkv", BARS, "yuv444p")
        painted, _ = self.paint(source, "bars.mkv", "--codec", "ffv1", style=STYLE)
        self.assertGreater(self.distance(source, painted, "yuv444p")[0].mean(), 8)


if __name__ == "__main__":
    unittest.main()
