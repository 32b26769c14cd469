"""Damaged and cut-off films are painted as far as they decode, and the report counts the rest."""

import random
import unittest

from support import (BAD_INPUT, H264, STYLE, Story, count_frames, frame_times, packets,
                     streams)


class Damage(Story):

    def hurt(self, path, spans, seed=1):
        """Overwrites parts of a file, given as fractions of its length, with noise."""
        data = bytearray(path.read_bytes())
        noise = random.Random(seed)
        for begin, length in spans:
            at = int(len(data) * begin)
            for i in range(at, min(at + length, len(data))):
                data[i] = noise.randrange(256)
        hurt = path.with_name("hurt-" + path.name)
        hurt.write_bytes(data)
        return hurt

    def hurt_packets(self, path, which, byte=0xFF):
        """Spoils the inside of the film's packets with these numbers, as a bad disk would."""
        data = bytearray(path.read_bytes())
        shown = packets(path)[0]
        for number in which:
            at, size = int(shown[number]["pos"]), int(shown[number]["size"])
            for i in range(at + size // 3, at + size):
                data[i] ^= byte
        hurt = path.with_name("hurt-" + path.name)
        hurt.write_bytes(data)
        return hurt

    def counts_the_damage(self, source, target, sound=True):
        painted, report = self.paint(source, target)
        frames = report["frames"]
        self.assertGreater(frames["concealed"] + frames["lost"], 0, str(self.last))
        self.assertGreater(frames["out"], 0)
        self.assertEqual(frames["in"], frames["out"])
        self.assertEqual(count_frames(painted), frames["out"])
        self.assertIn("warning", self.last.err)
        if sound:
            old, new = streams(source, "audio")[0]["index"], streams(painted, "audio")[0]["index"]
            self.assertEqual(len(packets(painted)[new]), len(packets(source)[old]))
        left = [path.name for path in self.outputs.iterdir()]
        self.refuse(BAD_INPUT, source, "--style", STYLE, "-o", self.outputs / f"strict-{target}",
                    "--strict", lines=None, left=left)
        return painted, report

    def test_spoilt_frames_inside_an_mp4(self):
        whole = self.film_with_sound("in.mp4", "-g", "12", size="128x96", seconds=1.2)
        hurt = self.hurt_packets(whole, (5, 6, 16))
        for end in ("mp4", "mkv"):
            with self.subTest(end=end):
                _, report = self.counts_the_damage(hurt, "hurt." + end)
                self.assertGreaterEqual(report["frames"]["out"], 27)

    def test_every_frame_that_decodes_keeps_its_time(self):
        whole = self.film_with_sound("in.mp4", "-g", "12", size="128x96", seconds=1.2)
        hurt = self.hurt_packets(whole, (5, 6, 16))
        painted, report = self.paint(hurt, "hurt.mkv")
        times = frame_times(painted)
        self.assertEqual(times, sorted(set(times)))
        known = frame_times(whole)
        for time in times:
            self.assertLessEqual(min(abs(time - times[0] - one) for one in known), 0.0011)
        self.assertLessEqual(report["frames"]["out"], 30)

    def test_spoilt_frames_of_every_codec(self):
        for codec, end in ((["-c:v", "mpeg2video"], "mkv"), (["-c:v", "mpeg4"], "avi"),
                           (["-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
                             "log-level=none:keyint=12"], "mp4"),
                           (["-c:v", "libvpx-vp9", "-deadline", "realtime", "-g", "12"], "mkv"),
                           (["-c:v", "mjpeg"], "avi")):
            with self.subTest(codec=codec[1]):
                whole = self.clip("in." + end, size="128x96", frames=24, codec=codec)
                hurt = self.hurt_packets(whole, (5, 6, 14))
                painted, report = self.paint(hurt, codec[1] + ".mkv")
                self.assertEqual(count_frames(painted), report["frames"]["out"])
                self.assertGreaterEqual(report["frames"]["out"], 10)
                self.assertEqual(report["problems"], [])

    def test_noise_inside_a_broadcast(self):
        whole = self.film_with_sound("in.ts", "-g", "12", size="128x96", seconds=1.6)
        hurt = self.hurt(whole, ((0.3, 2000), (0.6, 700)))
        for end in ("ts", "mkv", "mp4"):
            with self.subTest(end=end):
                painted, report = self.paint(hurt, "hurt." + end)
                frames = report["frames"]
                self.assertGreater(frames["concealed"] + frames["lost"], 0, str(self.last))
                self.assertEqual(count_frames(painted), frames["out"])
                self.assertGreaterEqual(frames["out"], 30)

    def test_lost_pieces_of_a_broadcast(self):
        """Whole transport packets are gone, as after bad reception."""
        whole = self.film_with_sound("in.ts", "-g", "12", size="128x96", seconds=1.6)
        data = whole.read_bytes()
        self.assertEqual(len(data) % 188, 0)
        kept = [data[i:i + 188] for i in range(0, len(data), 188)]
        hurt = self.folder / "holes.ts"
        third = len(kept) // 3
        hurt.write_bytes(b"".join(kept[:third] + kept[third + 12:]))
        self.counts_the_damage(hurt, "holes.mkv", sound=False)

    def test_a_film_that_begins_inside_a_group(self):
        """Recordings begin anywhere; what cannot be decoded before the first key frame is told."""
        whole = self.film_with_sound("in.ts", "-g", "12", size="128x96", seconds=1.6)
        data = whole.read_bytes()
        cut = self.folder / "begin.ts"
        cut.write_bytes(data[len(data) // 5 // 188 * 188:])
        painted, report = self.paint(cut, "begin.mkv")
        self.assertEqual(count_frames(painted), report["frames"]["out"])
        self.assertGreaterEqual(report["frames"]["out"], 20)

    def test_an_mp4_that_was_cut_off_behind_its_index(self):
        whole = self.film_with_sound("in.mp4", "-movflags", "+faststart", size="128x96",
                                     seconds=1.6)
        data = whole.read_bytes()
        for part in (0.5, 0.9):
            with self.subTest(part=part):
                cut = self.folder / "cut.mp4"
                cut.write_bytes(data[:int(len(data) * part)])
                frames = count_frames(cut)
                self.assertLess(frames, 40, "the clip itself")
                painted, report = self.paint(cut, f"cut-{part}.mp4")
                self.assertIn(report["frames"]["out"], (frames - 1, frames, frames + 1))
                self.assertEqual(count_frames(painted), report["frames"]["out"])
                self.assertTrue(report["source"]["truncated"])
                self.assertRegex(self.last.err, "cut off")
                self.refuse(BAD_INPUT, cut, "--style", STYLE, "-o", self.outputs / "strict.mp4",
                            "--strict", says="cut off",
                            left=[path.name for path in self.outputs.iterdir()])

    def test_other_containers_that_were_cut_off(self):
        for end in ("mkv", "ts", "avi", "webm"):
            with self.subTest(end=end):
                codec = H264 if end != "webm" else ["-c:v", "libvpx-vp9", "-deadline", "realtime"]
                audio = {"webm": "libopus", "avi": "mp3"}.get(end, "aac")
                whole = self.film_with_sound("in." + end, size="128x96", seconds=1.6, codec=codec,
                                             audio=audio)
                data = whole.read_bytes()
                cut = self.folder / f"cut.{end}"
                cut.write_bytes(data[:len(data) * 6 // 10])
                painted, report = self.paint(cut, f"cut-{end}.mkv")
                self.assertGreaterEqual(report["frames"]["out"], count_frames(cut) - 1)
                self.assertEqual(count_frames(painted), report["frames"]["out"])
                if end != "ts":  # a broadcast has no end to know of
                    self.assertIn("warning", self.last.err)

    def test_a_second_stream_that_is_spoilt_is_copied_as_it_is(self):
        whole = self.film_with_sound("in.mkv", seconds=1.0, audio="ac3")
        data = bytearray(whole.read_bytes())
        packet = packets(whole)[1][5]
        at = data.index(bytes.fromhex("0b77"), int(packet["pos"]))
        data[at + 40:at + 80] = bytes(40)
        whole.write_bytes(data)
        painted, report = self.paint(whole, "out.mkv")
        self.same_frames(whole, painted, report)
        self.same_packets(whole, painted, 1, 1)


if __name__ == "__main__":
    unittest.main()
