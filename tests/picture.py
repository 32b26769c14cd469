"""The picture stands upright, in its own shape and depth, and nothing in it is shifted."""

import unittest

import numpy as np

import captions
import identity_style
from support import (LOSSLESS, STYLE, USAGE, Story, ffmpeg, film, frames_of, lavfi, pixels, rgb)

NEAR = ["--quality", "1", "--strength", "0"]


class Picture(Story):

    def turned(self, degrees, size="64x48", end="mp4"):
        """A clip that is stored lying and carries the turn that sets it upright."""
        plain = self.clip("plain." + end, size=size, frames=8)
        path = self.folder / f"turned-{degrees}.{end}"
        ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v:0", f"rotate={degrees}", path)
        sides = [side.get("rotation") for side in film(path).get("side_data_list", [])]
        self.assertEqual([abs(int(side)) % 360 for side in sides if side is not None],
                         [180 if degrees == 180 else 90], "the clip itself")
        return path

    def test_turned_films_are_painted_upright(self):
        for degrees in (90, 180, 270):
            for end in ("mp4", "mkv", "mov"):
                with self.subTest(degrees=degrees, end=end):
                    source = self.turned(degrees)
                    painted, report = self.paint(source, f"{degrees}.{end}", *NEAR)
                    self.same_frames(source, painted, report)
                    side = film(painted).get("side_data_list", [])
                    self.assertEqual([one for one in side if "rotation" in one], [])
                    shown, expected = rgb(painted), rgb(source)
                    self.assertEqual(shown.shape, expected.shape)
                    self.assertEqual(shown.shape[1:3], (48, 64) if degrees == 180 else (64, 48))
                    distance = np.abs(shown.astype(int) - expected.astype(int))
                    self.assertLess(distance.mean(), 3)
                    self.assertIn("upright", self.last.err)

    def test_mirrored_and_turned_films_are_painted_upright(self):
        """All eight ways to lie, straight in the track's display matrix."""
        one = 1 << 16
        ways = {"hflip": (-one, 0, 0, one), "vflip": (one, 0, 0, -one),
                "transpose=0": (0, one, one, 0), "transpose=1": (0, one, -one, 0),
                "transpose=2": (0, -one, one, 0), "transpose=3": (0, -one, -one, 0)}
        plain = self.clip("plain.mp4", frames=6)
        data = plain.read_bytes()
        at = data.index(b"tkhd") + 4 + 4 + 4 + 4 + 4 + 4 + 4 + 8 + 2 + 2 + 2 + 2
        self.assertEqual(int.from_bytes(data[at:at + 4], "big"), one, "the clip itself")
        for way, (a, b, c, d) in ways.items():
            with self.subTest(way=way):
                words = [a, b, 0, c, d, 0, 0, 0, 1 << 30]
                matrix = b"".join(word.to_bytes(4, "big", signed=True) for word in words)
                source = self.folder / "lying.mp4"
                source.write_bytes(data[:at] + matrix + data[at + 36:])
                painted, _ = self.paint(source, "lying.mkv", "--codec", "ffv1", "--strength", "0",
                                        "--overwrite")
                expected = self.folder / "expected.mkv"
                ffmpeg("-noautorotate", "-i", plain, "-vf", way, *LOSSLESS, expected)
                size = (film(expected)["width"], film(expected)["height"])
                self.assertEqual((film(painted)["width"], film(painted)["height"]), size)
                self.assertTrue(np.array_equal(pixels(painted, "yuv420p", size),
                                               pixels(expected, "yuv420p", size)))

    def test_keeps_the_shape_of_pixels(self):
        for end in ("mp4", "mkv", "ts", "mov"):
            for aspect in ("16/15", "4/3", "1"):
                with self.subTest(end=end, aspect=aspect):
                    source = self.clip("sar." + end, "-vf", f"setsar={aspect}", frames=4)
                    painted, _ = self.paint(source, f"{aspect.replace('/', '-')}.{end}")
                    self.assertEqual(film(painted)["sample_aspect_ratio"],
                                     film(source)["sample_aspect_ratio"])

    def test_turning_turns_the_shape_of_pixels(self):
        plain = self.clip("plain.mp4", "-vf", "setsar=4/3", frames=4)
        source = self.folder / "lying.mp4"
        ffmpeg("-i", plain, "-c", "copy", "-metadata:s:v:0", "rotate=90", source)
        painted, _ = self.paint(source, "upright.mkv")
        self.assertEqual(film(painted)["sample_aspect_ratio"], "3:4")

    def test_odd_sizes_stay_where_the_codec_can(self):
        for size in ((65, 49), (64, 49), (65, 48)):
            for codec, end in (("ffv1", "mkv"), ("vp9", "webm")):
                with self.subTest(size=size, codec=codec):
                    source = self.odd(size)
                    painted, _ = self.paint(source, f"{size[0]}x{size[1]}.{end}", "--codec", codec,
                                            "--strength", "0")
                    self.assertEqual((film(painted)["width"], film(painted)["height"]), size)
                    if codec == "ffv1":
                        self.assertTrue(np.array_equal(pixels(painted, "yuv420p", size),
                                                       pixels(source, "yuv420p", size)))

    def odd(self, size):
        path = self.folder / f"odd-{size[0]}x{size[1]}.mkv"
        ffmpeg(*lavfi(f"testsrc2=s=80x80:r=25,format=yuv444p,crop={size[0]}:{size[1]}:0:0:exact=1"),
               "-frames:v", "4", "-vf", "format=yuv420p", *LOSSLESS, path)
        self.assertEqual((film(path)["width"], film(path)["height"]), size, "the clip itself")
        return path

    def test_odd_sizes_get_a_line_where_the_codec_needs_it(self):
        """Nothing is shifted or scaled: the new line is at the edge."""
        for size in ((65, 49), (64, 49), (65, 48)):
            for words in (NEAR, ["--quality", "1", "--precision", "f32"]):
                words = [*words, "--stroke", "native"]
                with self.subTest(size=size, words=words):
                    source = self.odd(size)
                    style = STYLE
                    if "--strength" not in words:
                        style = identity_style.write(self.folder / "identity.onnx")
                    painted, _ = self.paint(source, "even.mp4", "--overwrite", *words, style=style)
                    even = tuple(side + side % 2 for side in size)
                    self.assertEqual((film(painted)["width"], film(painted)["height"]), even)
                    self.assertIn("odd", self.last.err)
                    luma = pixels(painted, "gray", even).reshape(-1, even[1], even[0])
                    first = pixels(source, "gray", size).reshape(-1, size[1], size[0])
                    inside = luma[:, :size[1], :size[0]].astype(int)
                    self.assertLess(np.abs(inside - first).mean(), 1.5)
                    last = luma[:, -1, :size[0]].astype(int) - first[:, -1]
                    self.assertLess(np.abs(last).mean(), 6)

    def test_ten_bits_stay_ten_bits(self):
        for codec, end in (("h264", "mp4"), ("hevc", "mkv"), ("vp9", "webm"), ("av1", "mp4"),
                           ("ffv1", "mkv"), ("prores", "mov")):
            with self.subTest(codec=codec):
                source = self.clip("ten.mkv", "-pix_fmt", "yuv420p10le", size="96x64", frames=4,
                                   codec=LOSSLESS)
                painted, report = self.paint(source, f"{codec}.{end}", "--codec", codec)
                self.assertRegex(film(painted)["pix_fmt"], "10le$")
                self.assertEqual(report["losses"], [])
                self.same_frames(source, painted, report)

    def test_slopes_in_ten_bits_have_more_steps_than_eight(self):
        """Painted in float, not in bytes: every step of a slow slope stays."""
        source = self.folder / "slope.mkv"
        ffmpeg(*lavfi("nullsrc=s=256x64:r=25,format=gray10le,geq=lum=400+X*200/256"), "-frames:v",
               "1", "-pix_fmt", "yuv420p10le", *LOSSLESS, source)
        painted, _ = self.paint(source, "slope.mkv", "--codec", "ffv1", "--precision", "f32",
                                style=identity_style.write(self.folder / "identity.onnx"))
        rows = [pixels(path, "yuv420p10le", (256, 64))[0][:256] for path in (source, painted)]
        self.assertGreater(len(np.unique(rows[0])), 150, "the clip itself")
        self.assertTrue(np.array_equal(*rows))

    def test_interlaced_films_are_deinterlaced_and_said_so(self):
        weave = "tinterlace=mode=interleave_top:flags=vlpf"
        for name, words in (
                ("mpeg2.ts", ["-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-top", "1"]),
                ("h264.mkv", ["-c:v", "libx264", "-preset", "fast", "-x264-params", "tff=1"]),
                ("bff.mkv", ["-c:v", "libx264", "-preset", "fast", "-x264-params", "bff=1"])):
            for end in ("mkv", "mp4"):
                with self.subTest(name=name, end=end):
                    source = self.folder / name
                    graph = weave if "bff" not in name else weave.replace("top", "bottom")
                    ffmpeg(*lavfi("testsrc2=s=64x64:r=50"), "-frames:v", "12", "-vf", graph,
                           "-flags", "+ilme+ildct", *words, source)
                    before = frames_of(source)
                    self.assertTrue(all(one["interlaced_frame"] for one in before), "the clip")
                    painted, report = self.paint(source, f"{name}.{end}")
                    self.same_frames(source, painted, report)
                    self.assertIn("interlaced", self.last.err)
                    self.assertEqual(report["source"]["deinterlaced_frames"], len(before))
                    self.assertFalse(any(one["interlaced_frame"] for one in frames_of(painted)))

    def test_combs_are_gone(self):
        """A bar that moves sideways leaves teeth between the fields, and none when painted."""
        source = self.folder / "comb.mkv"
        ffmpeg(*lavfi("color=black:s=64x64:r=50,format=gray,geq="
                      "lum='if(between(X,8*N,8*N+15),235,16)'"), "-frames:v", "12", "-vf",
               "tinterlace=mode=interleave_top,setfield=tff", "-pix_fmt", "yuv420p", "-c:v",
               "libx264", "-qp", "0", "-flags", "+ilme+ildct", "-x264-params", "tff=1", source)
        painted, _ = self.paint(source, "comb.mkv", "--codec", "ffv1", "--strength", "0")

        def teeth(path):
            luma = pixels(path, "gray", (64, 64)).reshape(-1, 64, 64).astype(int)[1:-1]
            return np.abs(luma[:, 2:] - 2 * luma[:, 1:-1] + luma[:, :-2]).mean()
        self.assertGreater(teeth(source), 20, "the clip itself")
        self.assertLess(teeth(painted), teeth(source) / 4)

    def test_size_paints_as_large_as_asked(self):
        source = self.clip("in.mp4", size="128x96", frames=4)
        for size, expected, aspect in (("64x48", (64, 48), "1:1"), ("72p", (96, 72), "1:1"),
                                       ("64x96", (64, 96), "2:1"), ("192x144", (192, 144), "1:1")):
            with self.subTest(size=size):
                painted, report = self.paint(source, f"{size}.mp4", "--size", size)
                self.assertEqual((film(painted)["width"], film(painted)["height"]), expected)
                self.assertEqual(film(painted)["sample_aspect_ratio"], aspect)
                self.same_frames(source, painted, report)

    def test_lines_keep_the_shown_shape(self):
        """720p of 4:3 pixels in 1440x1080 is 1280x720 with square pixels."""
        source = self.clip("wide.mkv", "-vf", "setsar=4/3", size="144x108", frames=3)
        painted, _ = self.paint(source, "wide.mp4", "--size", "72p")
        shape = film(painted)
        num, den = map(int, shape["sample_aspect_ratio"].split(":"))
        self.assertEqual((shape["width"], shape["height"]), (128, 72))
        self.assertAlmostEqual(shape["width"] * num / den / shape["height"], 16 / 9, delta=0.01)

    def test_720p_is_720_lines(self):
        source = self.clip("in.mp4", size="160x90", frames=2)
        painted, _ = self.paint(source, "720.mp4", "--size", "720p", "--preset", "ultrafast")
        self.assertEqual((film(painted)["width"], film(painted)["height"]), (1280, 720))

    def test_scaling_neither_shifts_nor_mirrors(self):
        source = self.clip("in.mkv", "-vf", "gblur=sigma=3", size="128x96", frames=2,
                           codec=LOSSLESS)
        painted, _ = self.paint(source, "small.mkv", "--codec", "ffv1", "--strength", "0",
                                "--size", "64x48")
        reference = rgb(source, "zscale=64:48:filter=bicubic").astype(int)
        self.assertLess(np.abs(rgb(painted).astype(int) - reference).mean(), 3)

    def test_odd_sizes_asked_for_are_refused_where_they_cannot_be(self):
        source = self.clip("in.mp4", frames=2)
        self.refuse(USAGE, source, "--style", STYLE, "-o", self.outputs / "odd.mp4", "--size",
                    "63x48", says="64x48")
        painted, _ = self.paint(source, "odd.mkv", "--size", "63x47", "--codec", "ffv1")
        self.assertEqual((film(painted)["width"], film(painted)["height"]), (63, 47))

    def test_tiny_and_narrow_films(self):
        for size in ("16x16", "2x2", "16x128", "130x4"):
            with self.subTest(size=size):
                path = self.folder / f"{size}.mkv"
                ffmpeg(*lavfi(f"color=red:s={size}:r=25"), "-frames:v", "3", *LOSSLESS, path)
                painted, _ = self.paint(path, f"{size}.mkv", "--codec", "ffv1")
                self.assertEqual(f"{film(painted)['width']}x{film(painted)['height']}", size)

    def test_keeps_closed_captions(self):
        triples = [bytes([0xFC, 0x80 | i, 0x20 + i]) for i in range(10)]
        plain = self.clip("plain.h264", "-bf", "0", "-slices", "1", frames=10)
        raw = self.folder / "captions.h264"
        raw.write_bytes(captions.with_captions(plain.read_bytes(), triples))
        source = self.folder / "captions.mp4"
        ffmpeg("-r", "25", "-i", raw, "-c", "copy", source)
        self.assertEqual(film(source)["closed_captions"], 1, "the clip itself")
        for end in ("mp4", "mkv", "ts"):
            with self.subTest(end=end):
                painted, _ = self.paint(source, "captions." + end)
                self.assertEqual(film(painted)["closed_captions"], 1)
                stream = ffmpeg("-i", painted, "-map", "0:v", "-c", "copy", "-bsf:v",
                                "h264_mp4toannexb", "-f", "h264", "-")
                self.assertEqual(sorted(captions.captions_in(stream)), sorted(triples))

    def test_every_codec_paints(self):
        source = self.film_with_sound("in.mkv", size="96x64", seconds=0.4)
        for codec, end, name in (("h264", "mp4", "h264"), ("hevc", "mp4", "hevc"),
                                 ("av1", "mp4", "av1"), ("vp9", "mp4", "vp9"),
                                 ("h264", "mov", "h264"), ("prores", "mov", "prores"),
                                 ("hevc", "mov", "hevc"), ("ffv1", "mkv", "ffv1"),
                                 ("prores", "mkv", "prores"), ("av1", "mkv", "av1"),
                                 ("vp9", "mkv", "vp9"), ("hevc", "ts", "hevc")):
            with self.subTest(codec=codec, end=end):
                painted, report = self.paint(source, f"{codec}.{end}", "--codec", codec)
                self.assertEqual(film(painted)["codec_name"], name)
                self.assertEqual(self.last.err, "", "the encoder's own chatter")
                self.same_frames(source, painted, report)
                self.same_offsets(source, painted)
        source = self.film_with_sound("opus.webm", size="96x64", seconds=0.4, audio="libopus",
                                      codec=["-c:v", "libvpx-vp9", "-deadline", "realtime"])
        for codec in ("vp9", "av1"):
            with self.subTest(codec=codec, end="webm"):
                painted, _ = self.paint(source, f"{codec}.webm", "--codec", codec)
                self.assertEqual(film(painted)["codec_name"], codec)

    def test_small_films_in_every_codec(self):
        """What a codec cannot hold is its own sentence; none of these is too small."""
        source = self.clip("small.mkv", size="48x32", frames=4)
        for codec in ("h264", "hevc", "av1", "vp9", "ffv1", "prores"):
            with self.subTest(codec=codec):
                painted, report = self.paint(source, f"{codec}.mkv", "--codec", codec)
                self.same_frames(source, painted, report)

    def test_films_that_change_their_size_keep_the_first(self):
        """A broadcast may switch; the painting stays as large as it began."""
        small = self.clip("small.ts", frames=6)
        large = self.clip("large.ts", size="128x96", frames=6)
        joined = self.folder / "joined.ts"
        joined.write_bytes(small.read_bytes() + large.read_bytes())
        painted, report = self.paint(joined, "joined.mkv")
        self.assertEqual((film(painted)["width"], film(painted)["height"]), (64, 48))
        self.assertEqual(report["frames"]["out"], len(frames_of(joined)))


if __name__ == "__main__":
    unittest.main()
