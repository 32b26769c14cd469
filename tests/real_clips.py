"""Clips from the world, where they lie beside the checkout: what cameras and editors write."""

import unittest

from support import (BAD_INPUT, REPO, STYLE, Story, film, frame_times, packets, streams)

CLIPS = REPO.parent / "shared" / "media" / "video"


@unittest.skipUnless(CLIPS.is_dir(), "no clips beside the checkout")
class RealClips(Story):

    def clip_called(self, name):
        path = CLIPS / name
        if not path.exists():
            self.skipTest(f"{name} is not there")
        return path

    def keeps_whole(self, name, *words, ends=("mp4", "mkv"), size="96p"):
        """Every frame at its time, every packet as it was; painted small, for speed."""
        source = self.clip_called(name)
        for end in ends:
            with self.subTest(clip=name, end=end):
                painted, report = self.paint(source, f"{source.stem}.{end}", "--size", size, *words)
                self.same_frames(source, painted, report)
                self.same_offsets(source, painted)
                self.assertEqual(film(painted)["codec_name"], "h264")
                for old, new in zip(streams(source, "audio"), streams(painted, "audio")):
                    self.same_packets(source, painted, old["index"], new["index"])
                self.assertEqual(len(streams(source, "audio")), len(streams(painted, "audio")))
        return source, painted, report

    def keeps_part(self, name, start, duration, end="mp4"):
        """The frames between two moments, and those packets that lie there."""
        source = self.clip_called(name)
        painted, report = self.paint(source, f"{source.stem}.{end}", "--size", "96p", "--start",
                                     str(start), "--duration", str(duration))
        times = [time for time in frame_times(source) if time is not None]
        origin = min(float(stream.get("start_time", 0)) for stream in streams(source)
                     if stream["codec_type"] in ("video", "audio"))
        expected = [time for time in times
                    if origin + start - 1e-6 <= time < origin + start + duration - 1e-6]
        found = frame_times(painted)
        self.assertEqual(len(found), len(expected))
        for one, other in zip(found, expected):
            self.assertLess(abs((one - found[0]) - (other - expected[0])), 0.0011)
        self.assertEqual(report["problems"], [])
        for old, new in zip(streams(source, "audio"), streams(painted, "audio")):
            whole = [packet["data_hash"] for packet in packets(source)[old["index"]]]
            part = [packet["data_hash"] for packet in packets(painted)[new["index"]]]
            self.assertTrue(part)
            places = [at for at, one in enumerate(whole) if one == part[0]]
            self.assertTrue(any(whole[at:at + len(part)] == part for at in places))
        return source, painted, report

    def test_ten_bits(self):
        _, painted, _ = self.keeps_whole("derived/flower_10bit_h264.mkv")
        self.assertEqual(film(painted)["pix_fmt"], "yuv420p10le")
        self.keeps_whole("h264_10bits.mp4", ends=("mkv",))

    def test_interlaced_with_wide_pixels(self):
        source = self.clip_called("derived/flower_interlaced_tff_sar.mpg")
        painted, report = self.paint(source, "interlaced.mkv", "--size", "96p")
        self.same_frames(source, painted, report)
        self.assertIn("interlaced", self.last.err)
        shape, before = film(painted), film(source)
        ratios = []
        for one in (shape, before):
            num, den = map(int, one["sample_aspect_ratio"].split(":"))
            ratios.append(one["width"] * num / den / one["height"])
        self.assertAlmostEqual(*ratios, delta=0.03)

    def test_odd_and_full_chroma(self):
        source = self.clip_called("derived/flower_odd_427x239_yuv444.mp4")
        painted, report = self.paint(source, "odd.mkv", "--duration", "1", "--codec", "ffv1")
        self.assertEqual((film(painted)["width"], film(painted)["height"]), (427, 239))
        self.assertEqual(film(painted)["pix_fmt"], "yuv444p")
        self.assertGreater(report["frames"]["out"], 10)

    def test_turned(self):
        for name in ("derived/flower_rot90.mp4", "rotated_sideways.mov"):
            with self.subTest(clip=name):
                source = self.clip_called(name)
                painted, report = self.paint(source, "upright.mp4", "--size", "96p", "--overwrite")
                self.same_frames(source, painted, report)
                self.assertEqual([side for side in film(painted).get("side_data_list", [])
                                  if "rotation" in side], [])

    def test_variable_rate(self):
        self.keeps_whole("derived/flower_vfr.mp4")

    def test_whole_films_with_sound(self):
        self.keeps_whole("friday.mp4", ends=("mp4", "mkv", "mov"))

    def test_av1(self):
        self.keeps_whole("av1_video.mkv", ends=("mkv",))

    def test_parts_of_long_films(self):
        for name, start in (("flower.mp4", 0), ("car-detection.mp4", 3), ("cityCC0.mpg", 1),
                            ("dog_1080p_forensics.mp4", 0),
                            ("tears-of-steel-battle-clip-medium.webm", 2)):
            with self.subTest(clip=name):
                self.keeps_part(name, start, 1.5, "mkv")

    def test_a_broken_film(self):
        source = self.clip_called("broken.mp4")
        self.refuse(BAD_INPUT, source, "--style", STYLE, "-o", self.outputs / "out.mp4")


if __name__ == "__main__":
    unittest.main()
