"""As many frames out as in, each at its own time, and the sound where it was."""

import unittest

from support import (H264, Story, about, environment, ffmpeg, film, frame_times, packets, picture,
                     sound)

VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k"]


class FramesAndTimes(Story):

    def keeps_frames(self, source, target, frames=None, sound_too=False):
        painted, report = self.paint(source, target)
        self.same_frames(source, painted, report, frames)
        if sound_too:
            self.same_offsets(source, painted)
        return painted, report

    def test_keeps_the_usual_rates(self):
        for rate in ("24000/1001", "25", "30000/1001", "50", "60", "60000/1001", "1000/1001"):
            for end in ("mp4", "mkv"):
                with self.subTest(rate=rate, end=end):
                    name = rate.replace("/", "-") + "." + end
                    source = self.clip(name, rate=rate, frames=14)
                    painted, _ = self.keeps_frames(source, name, frames=14)
                    self.assertEqual(film(painted)["avg_frame_rate"],
                                     film(source)["avg_frame_rate"])

    def test_keeps_frames_from_every_container_in_every_container(self):
        sources = {
            "mp4": self.film_with_sound("in.mp4"),
            "mov": self.film_with_sound("in.mov"),
            "mkv": self.film_with_sound("in.mkv"),
            "ts": self.film_with_sound("in.ts"),
            "webm": self.film_with_sound("in.webm", codec=VP9, audio="libopus"),
            "avi": self.film_with_sound("in.avi", audio="mp3"),
            "mpg": self.film_with_sound("in.mpg", codec=["-c:v", "mpeg2video"], audio="mp2"),
            "flv": self.film_with_sound("in.flv"),
        }
        held = {"mp4": "mp4 mov mkv ts avi mpg flv".split(),
                "mov": "mp4 mov mkv ts avi mpg flv".split(),
                "mkv": list(sources),
                "m4v": ["mp4"],
                "ts": "mp4 mov mkv ts mpg flv".split(),
                "webm": ["webm"]}
        for target, fitting in held.items():
            for kind in fitting:
                with self.subTest(source=kind, target=target):
                    self.keeps_frames(sources[kind], f"{kind}.{target}", sound_too=True)

    def test_keeps_one_frame_and_odd_counts(self):
        for frames in (1, 2, 19):
            for end in ("mp4", "mkv", "mov", "ts", "webm"):
                with self.subTest(frames=frames, end=end):
                    source = self.clip(f"{frames}.mkv", frames=frames)
                    self.keeps_frames(source, f"{frames}.{end}", frames=frames)

    def test_keeps_few_frames_in_every_codec(self):
        """Fewer than an encoder looks ahead."""
        for codec in ("h264", "hevc", "av1", "vp9", "ffv1", "prores"):
            for frames in (1, 2, 3, 5):
                with self.subTest(codec=codec, frames=frames):
                    source = self.clip("few.mkv", size="96x64", frames=frames)
                    # Memory that was not written yet holds noise, as it may anywhere.
                    painted, report = self.paint(source, f"{codec}-{frames}.mkv", "--codec", codec,
                                                 env={**environment(), "MALLOC_PERTURB_": "85"})
                    self.same_frames(source, painted, report, frames)

    def test_keeps_variable_times(self):
        """Gaps of one to seven frames, and steps that no constant rate has."""
        odd = "setpts='(N*N*0.013+N*0.0101)/TB'"
        for kind, filters in (("gaps", "select='not(mod(n,3))+eq(n,7)+gt(n,25)'"), ("steps", odd)):
            for end in ("mkv", "mp4"):
                source = self.folder / f"{kind}.{end}"
                ffmpeg(*picture(), *sound(), "-t", "1.4", "-vf", filters, "-vsync", "vfr",
                       "-frames:v", "16", *H264, "-c:a", "aac", source)
                steps = {round(b - a, 3) for a, b in zip(frame_times(source),
                                                         frame_times(source)[1:])}
                self.assertGreater(len(steps), 1, "the clip itself has to be variable")
                for target in ("mp4", "mkv", "mov", "ts", "webm"):
                    with self.subTest(kind=kind, source=end, target=target):
                        if target == "webm":
                            self.keeps_frames(source, f"{kind}-{end}.{target}")
                        else:
                            self.keeps_frames(source, f"{kind}-{end}.{target}", sound_too=True)

    def test_keeps_the_order_of_b_frames(self):
        source = self.film_with_sound(
            "b.mp4", "-bf", "3", "-g", "12", "-x264-params", "b-pyramid=normal:open-gop=1",
            codec=["-c:v", "libx264", "-preset", "medium"], seconds=1.2)
        self.assertGreater(film(source)["has_b_frames"], 1)
        for target in ("mp4", "mkv", "mov", "ts"):
            with self.subTest(target=target):
                self.keeps_frames(source, "b." + target, frames=30, sound_too=True)

    def test_keeps_what_an_edit_list_shows(self):
        """Cut by copying: the packets before the cut are there, but not shown."""
        whole = self.film_with_sound("whole.mp4", "-g", "10", seconds=1.6)
        cut = self.folder / "cut.mp4"
        ffmpeg("-ss", "0.52", "-i", whole, "-c", "copy", cut)
        self.assertLess(len(frame_times(cut)), len(packets(cut)[0]), "the edit list hides some")
        for target in ("mp4", "mkv", "mov"):
            with self.subTest(target=target):
                painted, report = self.paint(cut, "cut." + target)
                self.same_frames(cut, painted, report)
                self.same_offsets(cut, painted)

    def test_keeps_a_late_film_and_a_late_sound(self):
        """Either starts half a second after the other."""
        late_film, late_sound = self.folder / "film.mkv", self.folder / "sound.mkv"
        ffmpeg("-itsoffset", "0.5", *picture(), *sound(), "-t", "1.2", *H264, "-c:a", "aac",
               late_film)
        ffmpeg(*picture(), "-itsoffset", "0.37", *sound(), "-t", "1.2", *H264, "-c:a", "aac",
               late_sound)
        for source in (late_film, late_sound):
            for through in ("mkv", "mp4", "ts"):
                made = source.with_suffix("." + through)
                if made != source:
                    ffmpeg("-i", source, "-c", "copy", made)
                for target in ("mp4", "mkv", "mov", "ts"):
                    with self.subTest(source=made.name, target=target):
                        self.keeps_frames(made, f"{made.stem}-{through}.{target}", sound_too=True)

    def test_keeps_a_clock_that_starts_anywhere(self):
        """A broadcast's clock, shortly before and after it wraps round (2^33 ticks of 90 kHz)."""
        for start in ("10", "5000", "95443.2"):
            source = self.film_with_sound(f"from-{start}.ts", "-muxdelay", "0",
                                          "-output_ts_offset", start)
            for target in ("ts", "mp4", "mkv"):
                with self.subTest(start=start, target=target):
                    painted, _ = self.keeps_frames(source, f"{start}.{target}", frames=20,
                                                   sound_too=True)
                    if target != "ts":
                        self.assertLess(float(about(painted)["format"]["start_time"]), 1.5)

    def test_keeps_a_start_other_than_zero(self):
        source = self.film_with_sound("late.mkv", "-output_ts_offset", "3.2")
        self.assertAlmostEqual(float(about(source)["format"]["start_time"]), 3.2, delta=0.03)
        for target in ("mkv", "mp4"):
            with self.subTest(target=target):
                self.keeps_frames(source, "late." + target, frames=20, sound_too=True)

    def test_ends_when_the_source_ends(self):
        """The last frame is shown for as long as it was."""
        source = self.clip("slow.mkv", rate="2", frames=3)
        for target in ("mp4", "mkv", "mov"):
            with self.subTest(target=target):
                painted, report = self.keeps_frames(source, "slow." + target, frames=3)
                length = float(about(painted)["format"]["duration"])
                self.assertAlmostEqual(length, 1.5, delta=0.002)
                self.assertAlmostEqual(report["duration"]["in"], 1.5, delta=0.002)
                self.assertAlmostEqual(report["duration"]["out"], 1.5, delta=0.002)

    def test_says_the_same_length_in_the_report(self):
        for end in ("mp4", "mkv", "ts"):
            with self.subTest(end=end):
                source = self.film_with_sound("length." + end)
                _, report = self.paint(source, "length." + end)
                self.assertAlmostEqual(report["duration"]["out"], report["duration"]["in"],
                                       delta=0.0011)

    def test_stands_with_its_index_in_front(self):
        painted, _ = self.paint(self.film_with_sound("in.mkv"), "front.mp4")
        data = painted.read_bytes()
        self.assertLess(data.index(b"moov"), data.index(b"mdat"))


if __name__ == "__main__":
    unittest.main()
