"""What the options promise."""

import json
import os
import re
import subprocess
import unittest

import numpy as np

import rich_clips
from support import (H264, LOSSLESS, REPO, STYLE, Story, about, environment, ffmpeg, film,
                     frame_times, impasto, lavfi, packets, picture, pixels, program, rgb, sound)

SIZE = (96, 64)


class Painting(Story):

    def luma_and_chroma(self, path):
        values = pixels(path, "yuv444p", SIZE).astype(float)
        area = SIZE[0] * SIZE[1]
        return values[:, :area], values[:, area:]

    def source(self, name="in.mkv"):
        return self.clip(name, "-pix_fmt", "yuv444p", "-colorspace", "bt709", "-color_range", "tv",
                         size="96x64", frames=3, codec=LOSSLESS)

    def test_strength_lies_between(self):
        source = self.source()
        whole, _ = self.paint(source, "1.mkv", "--codec", "ffv1")
        ends = [pixels(path, "yuv444p", SIZE).astype(float) for path in (source, whole)]
        for strength in (0.25, 0.5, 0.8):
            with self.subTest(strength=strength):
                half, _ = self.paint(source, f"{strength}.mkv", "--codec", "ffv1", "--strength",
                                     str(strength))
                expected = ends[0] * (1 - strength) + ends[1] * strength
                found = pixels(half, "yuv444p", SIZE)
                self.assertLessEqual(np.abs(found - expected).max(), 1.01)

    def test_keep_colour_takes_brightness_only(self):
        source = self.source()
        whole, _ = self.paint(source, "1.mkv", "--codec", "ffv1")
        for word in ("--keep-colour", "--keep-color"):
            with self.subTest(word=word):
                kept, _ = self.paint(source, "kept.mkv", "--codec", "ffv1", "--overwrite", word)
                luma, chroma = self.luma_and_chroma(kept)
                self.assertLessEqual(np.abs(chroma - self.luma_and_chroma(source)[1]).max(), 1)
                self.assertLessEqual(np.abs(luma - self.luma_and_chroma(whole)[0]).max(), 1)
        self.assertGreater(np.abs(luma - self.luma_and_chroma(source)[0]).mean(), 5)

    def test_the_same_command_gives_the_same_film(self):
        source = self.source()
        films = []
        for name, words in (("a.mkv", []), ("b.mkv", []), ("c.mkv", ["--threads", "1"])):
            painted, report = self.paint(source, name, "--codec", "ffv1", *words)
            films.append(pixels(painted, "yuv444p", SIZE).astype(int))
        self.assertEqual(report["engine"]["threads"], 1)
        self.assertTrue(np.array_equal(films[0], films[1]))
        self.assertLessEqual(np.abs(films[0] - films[2]).max(), 3)

    def test_precisions_agree(self):
        source = self.source()
        exact, report = self.paint(source, "f32.mkv", "--codec", "ffv1", "--precision", "f32")
        self.assertEqual(report["engine"]["precision"], "f32")
        auto, _ = self.paint(source, "auto.mkv", "--codec", "ffv1")
        difference = np.abs(pixels(exact, "yuv444p", SIZE).astype(int) -
                            pixels(auto, "yuv444p", SIZE))
        self.assertLess(difference.mean(), 2)

    def test_a_style_by_its_file(self):
        source = self.source()
        one, _ = self.paint(source, "name.mkv", "--codec", "ffv1")
        other, _ = self.paint(source, "file.mkv", "--codec", "ffv1",
                              style=REPO / "styles" / STYLE / "style.onnx")
        self.assertEqual([p["data_hash"] for p in packets(one)[0]],
                         [p["data_hash"] for p in packets(other)[0]])

    def test_quality_and_preset_reach_the_encoder(self):
        source = self.clip("in.mkv", size="128x96", frames=10)
        sizes = {}
        for quality in ("8", "40"):
            painted, report = self.paint(source, f"{quality}.mp4", "--quality", quality)
            sizes[quality] = painted.stat().st_size
            self.assertIn(f"crf {quality}", report["painted"]["encoder"])
        self.assertGreater(sizes["8"], 2 * sizes["40"])
        _, report = self.paint(source, "slow.mp4", "--preset", "slow")
        self.assertIn("slow", report["painted"]["encoder"])


class Parts(Story):

    def test_start_and_duration_choose_frames_and_sound(self):
        source = self.folder / "in.mkv"  # noise: no packet of the sound is like another
        ffmpeg(*picture(), *lavfi("anoisesrc=r=48000:a=0.3"), "-t", "4", *H264, "-g", "10", "-c:a",
               "aac", source)
        times = frame_times(source)
        for words, begin, end in ((["--start", "1"], 1, 99), (["--duration", "0.8"], 0, 0.8),
                                  (["--start", "1.2", "--duration", "1"], 1.2, 2.2),
                                  (["--start", "00:00:02.52", "--duration", "0:01"], 2.52, 3.52),
                                  (["--start", "0"], 0, 99), (["--start", "0", "--duration", "99"],
                                                              0, 99)):
            for target in ("mkv", "mp4"):
                with self.subTest(words=words, target=target):
                    painted, report = self.paint(source, f"part.{target}", "--overwrite", *words)
                    expected = [time for time in times if begin - 1e-6 <= time < end - 1e-6]
                    found = frame_times(painted)
                    self.assertEqual(len(found), len(expected))
                    self.assertLess(max(abs((f - found[0]) - (e - expected[0]))
                                        for f, e in zip(found, expected)), 0.0011)
                    self.assertLess(abs(found[0]), 0.1)
                    self.assertEqual(report["problems"], [])
                    self.sound_fits(source, painted, expected[0], found[0])

    def sound_fits(self, source, painted, begin, shown):
        """The same packets as in the source, at the same distance from the film."""
        old, new = packets(source)[1], packets(painted)[1]
        by_hash = {packet["data_hash"]: float(packet["pts_time"]) for packet in old}
        for packet in new:
            moved = (float(packet["pts_time"]) - shown) - (by_hash[packet["data_hash"]] - begin)
            self.assertLess(abs(moved), 0.0011)
        self.assertLess(float(new[0]["pts_time"]) - shown, 0.12)
        length = frame_times(painted)[-1] - shown
        self.assertLess(abs(float(new[-1]["pts_time"]) - shown - length), 0.2)

    def test_the_first_frame_of_a_part_is_the_right_one(self):
        source = self.clip("in.mp4", "-g", "30", "-bf", "2", frames=60,
                           codec=["-c:v", "libx264", "-preset", "fast"])
        painted, _ = self.paint(source, "part.mkv", "--start", "1.08", "--codec", "ffv1",
                                "--strength", "0")
        frames = pixels(source, "yuv420p", (64, 48))
        self.assertTrue(np.array_equal(pixels(painted, "yuv420p", (64, 48)), frames[27:]))

    def test_chapters_of_a_part_begin_with_it(self):
        source = rich_clips.matroska(self.folder)
        painted, _ = self.paint(source, "part.mkv", "--start", "0.6")
        chapters = about(painted)["chapters"]
        self.assertEqual([one["tags"]["title"] for one in chapters], ["Evening"])
        self.assertAlmostEqual(float(chapters[0]["start_time"]), 0, delta=0.002)
        self.assertAlmostEqual(float(chapters[0]["end_time"]), 0.4, delta=0.05)

    def test_a_part_of_a_broadcast(self):
        source = self.film_with_sound("in.ts", "-g", "10", "-muxdelay", "0", "-output_ts_offset",
                                      "1000", seconds=3)
        for target in ("ts", "mp4", "mkv"):
            with self.subTest(target=target):
                painted, report = self.paint(source, f"part.{target}", "--start", "1", "--duration",
                                             "1")
                self.assertIn(report["frames"]["out"], (24, 25, 26))
                self.assertEqual(report["problems"], [])


class Told(Story):

    def test_progress_as_json(self):
        source = self.film_with_sound("in.mkv", seconds=2, size="128x96")
        self.paint(source, "out.mp4", "--progress", "json")
        lines = [json.loads(line) for line in self.last.err.strip().splitlines()]
        self.assertEqual(lines[0]["event"], "begin")
        self.assertEqual(lines[-1]["event"], "end")
        self.assertTrue(lines[-1]["success"])
        self.assertEqual(lines[-1]["frames"], 50)
        self.assertEqual({line["event"] for line in lines} - {"begin", "progress", "end"}, set())

    def test_notes_are_json_too(self):
        source = rich_clips.matroska(self.folder)
        self.paint(source, "out.mp4", "--progress", "json")
        lines = [json.loads(line) for line in self.last.err.strip().splitlines()]
        self.assertTrue(any(line["event"] == "note" and "mov_text" in line["text"]
                            for line in lines))

    def test_progress_in_plain_lines_and_none(self):
        source = self.film_with_sound("in.mkv", seconds=1)
        self.paint(source, "plain.mp4", "--progress", "plain")
        self.assertRegex(self.last.err, r"25(/25)? frames")
        self.assertNotIn("\r", self.last.err)
        self.paint(source, "auto.mp4", "--progress", "auto")
        self.assertNotIn("\r", self.last.err)
        self.paint(source, "none.mp4", "--progress", "none")
        self.assertEqual(self.last.err, "")

    def test_the_last_line_says_frames_time_speed_and_where(self):
        source = self.film_with_sound("in.mkv", seconds=1)
        painted, _ = self.paint(source, "out.mp4")
        self.assertEqual(len(self.last.out.strip().splitlines()), 1)
        self.assertRegex(self.last.out, re.escape(str(painted)))
        self.assertRegex(self.last.out, r"25 frames in [0-9.]+ s \([0-9.]+ frames/s\)")

    def test_a_sheet_of_moments(self):
        source = self.clip("in.mkv", size="96x64", frames=60)
        for name, codec in (("sheet.png", "png"), ("sheet.jpg", "mjpeg")):
            with self.subTest(name=name):
                sheet = self.folder / name
                self.paint(source, "out.mp4", "--preview", sheet, "--overwrite")
                shown = film(sheet)
                self.assertEqual(shown["codec_name"], codec)
                self.assertGreater(shown["width"], 900)
                self.assertGreater(shown["height"], 900)
                self.assertGreater(rgb(sheet).std(), 20)

    def test_a_report_of_several_films(self):
        films = [self.clip(f"{name}.mp4", frames=3) for name in "ab"]
        report = self.folder / "r.json"
        result = impasto("paint", *films, "--style", STYLE, "-o", f"{self.outputs}/", "--report",
                         report, "--progress", "none")
        self.assertEqual(result.rc, 0, str(result))
        told = json.loads(report.read_text())
        self.assertRegex(told["program"], r"^impasto \d+\.\d+\.\d+$")
        self.assertEqual([one["input"] for one in told["files"]], [str(path) for path in films])
        for one in told["files"]:
            for key in ("input", "output", "style", "source", "painted", "engine", "frames",
                        "duration", "streams", "seconds", "frames_per_second", "losses", "notes",
                        "warnings", "problems"):
                self.assertIn(key, one)

    def test_help_and_version(self):
        for words, said in ((["--version"], r"^impasto \d"), (["--help"], "paint"),
                            (["paint", "--help"], "--style"), (["styles"], STYLE)):
            with self.subTest(words=words):
                result = impasto(*words)
                self.assertEqual(result.rc, 0, str(result))
                self.assertRegex(result.out, said)
                self.assertEqual(result.err, "")


class Memory(Story):

    def peak(self, source, target):
        """The program's largest resident memory in MiB."""
        process = subprocess.Popen([program(), "paint", str(source), "--style", STYLE, "-o",
                                    str(self.outputs / target), "--progress", "none"],
                                   env=environment(), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss / 1024

    def test_does_not_grow_with_the_length(self):
        for end, audio in (("mp4", "aac"), ("mkv", "pcm_s16le")):
            with self.subTest(end=end):
                peaks = []
                for frames in (200, 800):  # both long enough for several stretches of film
                    source = self.folder / f"{frames}.mkv"
                    ffmpeg(*picture("128x96"), *sound(), "-t", str(frames / 25), *H264, "-c:a",
                           audio, source)
                    self.peak(source, f"warm-{frames}.{end}")
                    peaks.append(self.peak(source, f"{frames}.{end}"))
                self.assertLess(peaks[1], 1.1 * peaks[0] + 20, peaks)


if __name__ == "__main__":
    unittest.main()
