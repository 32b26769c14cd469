"""What cannot be painted is refused in one sentence, with the right exit code, leaving nothing."""

import os
import unittest

import identity_style
from support import BAD_INPUT, H264, REPO, STYLE, USAGE, Story, ffmpeg, impasto, picture, sound


class BadFiles(Story):

    def refused(self, source, says=(), *words, code=BAD_INPUT, target="out.mp4"):
        return self.refuse(code, source, "--style", STYLE, "-o", self.outputs / target, *words,
                           says=says)

    def test_no_such_file(self):
        self.refused(self.folder / "nowhere.mp4", "nowhere.mp4")
        self.refused(self.folder / "no" / "folder" / "in.mp4", "in.mp4")

    def test_not_a_video(self):
        for name, data in (("text.mp4", b"To be a video or not to be.\n" * 50),
                           ("noise.mkv", os.urandom(20000)), ("zeros.ts", bytes(100000)),
                           ("short.mp4", b"\0\0"), ("html.mp4", b"<html><body>404</body></html>"),
                           ("page.webm", b"%PDF-1.4\n%nothing\n" * 100)):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(data)
                self.refused(path, name)

    def test_an_empty_file(self):
        path = self.folder / "empty.mp4"
        path.touch()
        self.refused(path, ("empty.mp4", "empty"))

    def test_sound_only(self):
        for name, codec in (("sound.m4a", "aac"), ("sound.mkv", "flac"), ("sound.wav", "pcm_s16le"),
                            ("sound.mp3", "libmp3lame")):
            with self.subTest(name=name):
                path = self.folder / name
                ffmpeg(*sound(), "-t", "0.5", "-c:a", codec, path)
                self.refused(path, (name, "no video"))

    def test_sound_with_a_cover_only(self):
        """The cover of a song is no film."""
        cover = self.folder / "cover.png"
        ffmpeg(*picture(), "-frames:v", "1", cover)
        for name in ("song.mp3", "song.m4a"):
            with self.subTest(name=name):
                path = self.folder / name
                ffmpeg(*sound(), "-i", cover, "-map", "0", "-map", "1", "-t", "0.5", "-c:v", "copy",
                       "-disposition:v", "attached_pic", path)
                self.refused(path, (name, "no video"))

    def test_cut_off_before_its_index(self):
        whole = self.clip("whole.mp4", "-movflags", "0", frames=30)
        cut = self.folder / "cut.mp4"
        cut.write_bytes(whole.read_bytes()[:whole.stat().st_size // 2])
        self.refused(cut, ("cut.mp4", "cut off"))

    def test_cut_off_inside_the_head(self):
        whole = self.clip("whole.mp4", "-movflags", "+faststart", frames=30)
        for size in (10, 40, 300):
            with self.subTest(size=size):
                cut = self.folder / "cut.mp4"
                cut.write_bytes(whole.read_bytes()[:size])
                self.refused(cut, "cut.mp4")

    def test_no_frame_inside(self):
        head = self.folder / "head.mkv"
        data = self.clip("whole.mkv").read_bytes()
        head.write_bytes(data[:data.index(b"\x1f\x43\xb6\x75")])  # up to the first cluster
        self.refused(head, "head.mkv")
        none = self.folder / "none.mp4"
        ffmpeg(*picture(), *sound(), "-t", "0.5", *H264, "-c:a", "aac", "-frames:v", "0", none)
        self.refused(none, "none.mp4")

    def test_only_damaged_frames_inside(self):
        path = self.clip("broken.avi", "-an", frames=10)
        data = bytearray(path.read_bytes())
        start = data.index(b"movi")
        stop = data.index(b"idx1")
        for at in range(start + 12, stop):
            data[at] = 0x55 if data[at] not in b"0dc" else data[at]
        path.write_bytes(data)
        self.refused(path, "broken.avi")

    def test_no_frame_in_the_part(self):
        source = self.clip("short.mp4")
        self.refused(source, "short.mp4", "--start", "60")

    def test_an_empty_folder_and_a_pattern_without_files(self):
        empty = self.folder / "nothing"
        empty.mkdir()
        self.refused(empty, "nothing", target="sub/")
        self.refused(self.folder / "*.mp4", "*.mp4", target="sub/")
        (empty / "notes.txt").write_text("no film")
        self.refused(empty, "nothing", target="sub/")

    def test_a_file_that_may_not_be_read(self):
        if os.geteuid() == 0:
            self.skipTest("root may read everything")
        path = self.clip("secret.mp4")
        path.chmod(0)
        self.refused(path, "secret.mp4")


class BadStyles(Story):

    def refused(self, style, says=()):
        if not hasattr(self, "source"):
            self.source = self.clip("in.mp4", frames=2)
        return self.refuse(BAD_INPUT, self.source, "--style", style, "-o",
                           self.outputs / "out.mp4", says=says)

    def test_an_unknown_name(self):
        self.refused("no-such-style", ("no-such-style", STYLE))

    def test_no_such_file(self):
        self.refused(self.folder / "nowhere.onnx", "nowhere.onnx")

    def test_no_net(self):
        for name, data in (("text.onnx", b"not a net\n"), ("empty.onnx", b""),
                           ("noise.onnx", os.urandom(5000)), ("zeros.onnx", bytes(1000))):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(data)
                self.refused(path, name)

    def test_a_net_that_was_cut_off(self):
        path = self.folder / "cut.onnx"
        path.write_bytes((REPO / "styles" / STYLE / "style.onnx").read_bytes()[:200000])
        self.refused(path, "cut.onnx")

    def test_a_net_that_is_no_style(self):
        """One that classifies, one that takes sound, one with two inputs' worth of names."""
        good = identity_style.net("Identity")
        nets = {
            "flat.onnx": identity_style.net("Flatten"),
            "other.onnx": good.replace(b"image", b"sound"),
            "nameless.onnx": good[:good.index(b"\x72")],
            "unknown.onnx": identity_style.net("MakeItPretty"),
        }
        for name, data in nets.items():
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(data)
                self.refused(path, name)

    def test_a_film_is_no_style(self):
        self.refused(self.clip("film.mp4", frames=2), "film.mp4")


class BadOutputs(Story):

    def setUp(self):
        super().setUp()
        self.source = self.film_with_sound("in.mp4", seconds=0.2)

    def refused(self, code, target, says=(), *words, left=()):
        return self.refuse(code, self.source, "--style", STYLE, "-o", target, *words, says=says,
                           left=left)

    def test_below_a_file(self):
        blocker = self.folder / "file"
        blocker.write_text("in the way")
        self.refused(BAD_INPUT, blocker / "out.mp4", "out.mp4")
        self.assertEqual(blocker.read_text(), "in the way")

    def test_a_folder_that_may_not_be_written(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.outputs.chmod(0o555)
        self.addCleanup(self.outputs.chmod, 0o755)
        self.refused(BAD_INPUT, self.outputs / "out.mp4", "out.mp4")

    def test_a_folder_of_the_system_that_takes_no_files(self):
        self.refused(BAD_INPUT, "/proc/out.mp4", "/proc/out.mp4")

    def test_an_extension_without_a_container(self):
        for name in ("out.xyz", "out", "out.txt", "out.mp3", "out."):
            with self.subTest(name=name):
                self.refused(USAGE, self.outputs / name)

    def test_a_container_that_loses_times(self):
        """AVI knows no times of frames and no subtitles; it is not written."""
        for name in ("out.avi", "out.y4m", "out.h264", "out.gif"):
            with self.subTest(name=name):
                self.refused(USAGE, self.outputs / name, "mkv")

    def test_a_codec_that_the_container_refuses(self):
        for end, codec in (("mp4", "prores"), ("mp4", "ffv1"), ("webm", "h264"), ("webm", "hevc"),
                           ("webm", "ffv1"), ("webm", "prores")):
            with self.subTest(end=end, codec=codec):
                self.refused(USAGE, self.outputs / f"out.{end}", (end, codec), "--codec", codec)

    def test_a_codec_that_a_broadcast_cannot_carry(self):
        for codec in ("ffv1", "prores", "vp9", "av1"):
            with self.subTest(codec=codec):
                result = impasto("paint", self.source, "--style", STYLE, "-o",
                                 self.outputs / "out.ts", "--codec", codec)
                self.assertIn(result.rc, (USAGE, BAD_INPUT), str(result))
                self.assertEqual(len(result.err.strip().splitlines()), 1, str(result))
                self.assertEqual(os.listdir(self.outputs), [])

    def test_an_output_that_is_there(self):
        target = self.outputs / "out.mp4"
        target.write_bytes(b"precious")
        self.refused(BAD_INPUT, target, ("out.mp4", "--overwrite"), left=["out.mp4"])
        self.assertEqual(target.read_bytes(), b"precious")
        self.paint(self.source, "out.mp4", "--overwrite")
        self.assertEqual(os.listdir(self.outputs), ["out.mp4"])

    def test_a_failure_leaves_the_output_that_was_there(self):
        target = self.outputs / "out.mp4"
        target.write_bytes(b"precious")
        self.refuse(BAD_INPUT, self.folder / "nowhere.mp4", "--style", STYLE, "-o", target,
                    "--overwrite", left=["out.mp4"])
        self.refused(USAGE, target, (), "--overwrite", "--codec", "prores", left=["out.mp4"])
        self.assertEqual(target.read_bytes(), b"precious")

    def test_an_output_that_is_the_input(self):
        data = self.source.read_bytes()
        link = self.folder / "link.mp4"
        link.symlink_to(self.source)
        hard = self.folder / "hard.mp4"
        os.link(self.source, hard)
        for target in (self.source, self.outputs / ".." / "in.mp4", link, hard):
            with self.subTest(target=str(target)):
                self.refused(USAGE, target, "input", "--overwrite")
                self.assertEqual(self.source.read_bytes(), data)
        result = impasto("paint", "in.mp4", "--style", STYLE, "-o", "./in.mp4", "--overwrite",
                         cwd=self.folder)
        self.assertEqual(result.rc, USAGE, str(result))
        self.assertEqual(self.source.read_bytes(), data)

    def test_a_pipe_or_a_device(self):
        pipe = self.folder / "pipe.mp4"
        os.mkfifo(pipe)
        self.refused(BAD_INPUT, pipe, "pipe.mp4", "--overwrite")

    def test_several_inputs_to_one_file(self):
        other = self.clip("other.mp4", frames=2)
        target = self.outputs / "out.mp4"
        target.write_bytes(b"precious")
        self.refuse(USAGE, self.source, other, "--style", STYLE, "-o", target, says="folder",
                    left=["out.mp4"])

    def test_several_inputs_to_a_name_with_an_extension(self):
        """-o out.mp4 for two films is a slip, not a folder called out.mp4."""
        other = self.clip("other.mp4", frames=2)
        self.refuse(USAGE, self.source, other, "--style", STYLE, "-o", self.outputs / "out.mp4",
                    says="folder")

    def test_two_inputs_of_one_name(self):
        (self.folder / "a").mkdir()
        other = self.clip("a/in.mp4", frames=2)
        self.refuse(USAGE, self.source, other, "--style", STYLE, "-o", f"{self.outputs}/",
                    says="in.mp4")

    def test_a_sheet_or_report_that_cannot_be_written(self):
        """Known before painting: neither they nor the film are half there."""
        blocker = self.folder / "file"
        blocker.write_text("in the way")
        taken = self.folder / "taken.png"
        taken.write_bytes(b"precious")
        for words in (("--preview", self.folder / "sheet.xyz"), ("--preview", taken),
                      ("--preview", blocker / "sheet.png"), ("--report", blocker / "r.json"),
                      ("--report", taken)):
            with self.subTest(words=list(map(str, words))):
                result = impasto("paint", self.source, "--style", STYLE, "-o",
                                 self.outputs / "out.mp4", "--progress", "none", *words)
                self.assertIn(result.rc, (USAGE, BAD_INPUT), str(result))
                self.assertEqual(len(result.err.strip().splitlines()), 1, str(result))
                self.assertEqual(os.listdir(self.outputs), [])
        self.assertEqual(taken.read_bytes(), b"precious")


class BadWords(Story):

    def test_each_wrong_word_is_told(self):
        source = self.clip("in.mp4", frames=2)
        for words in (
                ["--quality", "52"], ["--quality", "-1"], ["--quality", "fine"],
                ["--codec", "ffv1", "--quality", "3"], ["--codec", "vp9", "--quality", "64"],
                ["--preset", "warp"], ["--codec", "av1", "--preset", "fast"],
                ["--codec", "av1", "--preset", "14"], ["--codec", "ffv1", "--preset", "fast"],
                ["--codec", "theora"], ["--codec", "H264"],
                ["--size", "big"], ["--size", "0x0"], ["--size", "-64x48"], ["--size", "64x"],
                ["--size", "64x48x3"], ["--size", "p"], ["--size", "0p"], ["--size", "63x47"],
                ["--size", "720"], ["--size", "99999x99999"], ["--size", "64 x 48"],
                ["--start", "soon"], ["--start", "-1"], ["--start", "1:2:3:4"],
                ["--duration", "long"], ["--duration", "0"], ["--duration", "-3"],
                ["--start", "nan"], ["--duration", "inf"],
                ["--progress", "loud"], ["--strength", "1.5"], ["--strength", "-0.1"],
                ["--strength", "half"], ["--strength", "nan"], ["--threads", "-1"],
                ["--threads", "many"], ["--precision", "f16x"], ["--colour", "red"],
                ["--style", "candy"]):
            with self.subTest(words=words):
                name = "out.mkv" if "--codec" in words else "out.mp4"
                told = self.refuse(USAGE, source, "--style", STYLE, "-o", self.outputs / name,
                                   *words)
                self.assertLess(len(told), 300)

    def test_missing_words(self):
        source = self.clip("in.mp4", frames=2)
        target = self.outputs / "out.mp4"
        for words in ([], [source], [source, "--style", STYLE], [source, "-o", target],
                      ["--style", STYLE, "-o", target], [source, "--style"]):
            with self.subTest(words=list(map(str, words))):
                self.refuse(USAGE, *words)
        for words in ([], ["dance"], ["--dance"]):
            with self.subTest(words=words):
                result = impasto(*words)
                self.assertEqual(result.rc, USAGE, str(result))
                self.assertRegex(result.err, r"\Aimpasto: [^\n]+\n\Z")

    def test_a_device_that_is_not_there(self):
        source = self.clip("in.mp4", frames=2)
        result = impasto("paint", source, "--style", STYLE, "-o", self.outputs / "out.mp4",
                         "--device", "tpu7")
        self.assertIn(result.rc, (USAGE, BAD_INPUT, 69), str(result))
        self.assertRegex(result.err, r"\Aimpasto: [^\n]*tpu7[^\n]+\n\Z")
        self.assertEqual(os.listdir(self.outputs), [])

    def test_codec_for_a_picture(self):
        source = self.clip("in.mp4", frames=2)
        self.refuse(USAGE, source, "--style", STYLE, "-o", self.outputs / "out.png", "--codec",
                    "h264", says="--codec")


if __name__ == "__main__":
    unittest.main()
