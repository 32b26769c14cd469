"""Any painting is a style at once; paintings mix, and follow each other over time."""

import json
import os
import unittest
from pathlib import Path

import numpy as np

from support import (BAD_INPUT, LOSSLESS, REPO, STYLE, USAGE, Story, environment, ffmpeg,
                     film, impasto, lavfi, picture, pixels, program)

FILES = ("painter.onnx", "reader.onnx")


def models():
    """The folder of the base network that the program will find; None: there is none."""
    folders = [folder for folder in os.environ.get("IMPASTO_MODELS", "").split(":") if folder]
    folders += [Path(program()).resolve().parent.parent / "models", REPO / "models"]
    for folder in map(Path, folders):
        if all((folder / name).is_file() for name in FILES):
            return folder
    return None


class Paintings(Story):

    def setUp(self):
        super().setUp()
        folder = models()
        if folder is None:
            self.skipTest("there is no base network: " + " and ".join(FILES) + " in models/")
        self.env = environment()
        self.env["IMPASTO_MODELS"] = str(folder)
        self.env["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.env["IMPASTO_STYLES"] = f"{self.folder / 'styles'}:{self.env['IMPASTO_STYLES']}"

    def painting(self, name, kind):
        """A made painting of 200x160 in colours of its own."""
        graph = {
            "fire": "mandelbrot=s=200x160:r=1,hue=h=120:s=3",
            "squares": "testsrc2=s=200x160:r=1",
            "mist": "nullsrc=s=200x160:r=1,geq=lum='140+60*sin(X/9)*cos(Y/7)':cb=150:cr=110",
        }[kind]
        path = self.folder / name
        ffmpeg(*lavfi(graph), "-frames:v", "1", "-update", "1", path)
        return path

    def still_clip(self, frames=50, size="96x64"):
        """A clip of 25 frames a second on which nothing moves."""
        path = self.folder / "still.mkv"
        ffmpeg(*lavfi(f"mandelbrot=s={size}:r=25,loop=-1:1:0,trim=end_frame={frames}"), *LOSSLESS,
               "-pix_fmt", "yuv444p", path)
        return path

    def painted(self, clip, name, *words):
        """Decoded values [frames, values] of a clip painted without loss, in float32."""
        target = self.outputs / name
        result = impasto("paint", clip, "-o", target, "--codec", "ffv1", "--precision", "f32",
                         "--progress", "none", "--overwrite", *words, env=self.env)
        self.assertEqual(result.rc, 0, str(result))
        stream = film(target)
        size = (stream["width"], stream["height"])
        return pixels(target, stream["pix_fmt"], size).astype(int)

    def kept(self):
        return sorted((self.folder / "cache" / "impasto" / "paintings").glob("*"))

    def refused(self, code, says, *words):
        result = impasto(*words, env=self.env)
        self.assertEqual(result.rc, code, str(result))
        lines = result.err.strip().splitlines()
        self.assertEqual(len(lines), 1, str(result))
        self.assertTrue(lines[0].startswith("impasto: "), str(result))
        for word in (says,) if isinstance(says, str) else says:
            self.assertIn(word, lines[0])
        self.assertEqual(os.listdir(self.outputs), [])

    # -- one painting -----------------------------------------------------------------------------

    def test_a_painting_is_a_style_at_once(self):
        fire = self.painting("Fire_at Night.png", "fire")
        clip = self.film_with_sound("clip.mp4")
        painted, report = self.paint(clip, "fire.mp4", style=fire, env=self.env)
        self.same_frames(clip, painted, report)
        self.assertEqual(report["style"]["name"], "Fire_at Night")
        self.assertEqual(len(self.kept()), 1)
        written = self.kept()[0].stat()
        _, again = self.paint(clip, "again.mkv", style=fire, env=self.env)
        self.assertEqual(again["style"], report["style"])
        self.assertEqual(self.kept()[0].stat().st_ino, written.st_ino, "not made anew")

        shown = impasto("styles", "show", fire, "--json", env=self.env)
        told = json.loads(shown.out)
        self.assertEqual(told["title"], "Fire at Night")
        self.assertEqual(told["painting"], "Fire_at Night.png")
        self.assertEqual(told["sha256"], report["style"]["sha256"])
        self.assertLess(told["bytes"], 3_000_000)

    def test_different_paintings_paint_differently_and_any_format_will_do(self):
        clip = self.still_clip(frames=1)
        fire = self.painted(clip, "a.mkv", "--style", self.painting("a.png", "fire"))
        mist = self.painted(clip, "b.mkv", "--style", self.painting("b.png", "mist"))
        self.assertGreater(np.abs(fire - mist).mean(), 8)
        for name in ("c.jpg", "c.webp", "c.bmp", "c.tiff"):
            with self.subTest(name=name):
                other = self.painted(clip, "c.mkv", "--style", self.painting(name, "mist"))
                self.assertLess(np.abs(other - mist).mean(), 6)
        self.painted(clip, "d.mkv", "--style", self.painting("d.gif", "mist"))  # dithered

    def test_a_painting_is_kept_as_a_style(self):
        fire = self.painting("fire.png", "fire")
        clip = self.still_clip(frames=2)
        kept = impasto("styles", "add", fire, "--name", "night", "--title", "Night", "--painting",
                       "Nobody, Night, 1888", "--licence", "CC0-1.0", env=self.env)
        self.assertEqual(kept.rc, 0, str(kept))
        told = json.loads(impasto("styles", "show", "night", "--json", env=self.env).out)
        self.assertEqual((told["name"], told["title"], told["painting"], told["licence"]),
                         ("night", "Night", "Nobody, Night, 1888", "CC0-1.0"))
        by_name = self.painted(clip, "a.mkv", "--style", "night")
        self.assertTrue((by_name == self.painted(clip, "b.mkv", "--style", fire)).all())
        (self.outputs / "a.mkv").unlink()
        (self.outputs / "b.mkv").unlink()
        self.refused(BAD_INPUT, "already", "styles", "add", fire, "--name", "night")
        self.refused(USAGE, "cannot be a style's name", "styles", "add", fire, "--name", "a/b")

    def test_preview_shows_paintings_and_styles(self):
        clip = self.clip("clip.mp4", frames=30)
        fire = self.painting("fire, and smoke.png", "fire")
        sheet = self.outputs / "sheet.png"
        result = impasto("preview", clip, "--styles", f"{fire},{STYLE}", "--moments", "2", "-o",
                         sheet, "--progress", "none", env=self.env)
        self.assertEqual(result.rc, 0, str(result))
        self.assertIn("2 moments in 2 styles", result.out)

    def test_what_is_no_painting_is_told_in_a_sentence(self):
        clip = self.clip("clip.mp4")
        text = self.folder / "text.jpg"
        text.write_text("dear diary")
        empty = self.folder / "empty.png"
        empty.touch()
        dot = self.folder / "dot.png"
        ffmpeg(*picture(), "-vf", "scale=1:1", "-frames:v", "1", dot)
        whole = self.painting("whole.jpg", "squares").read_bytes()
        cut = self.folder / "cut.jpg"
        cut.write_bytes(whole[:len(whole) // 2])
        target = self.outputs / "out.mp4"
        for says, style in (("no picture", text), ("is empty", empty), ("1x1 pixels", dot),
                            ("whole", cut), ("it is a video", clip),
                            ("no file", self.folder / "none.jpg"),
                            ("no style or file", "none.jpg")):
            with self.subTest(says=says):
                self.refused(BAD_INPUT, says, "paint", clip, "--style", style, "-o", target)

    # -- mixes ------------------------------------------------------------------------------------

    def test_mixes_lie_between_and_weights_need_not_sum_to_one(self):
        fire, mist = self.painting("fire, or so.png", "fire"), self.painting("mi:st.png", "mist")
        clip = self.still_clip(frames=1)
        first = self.painted(clip, "a.mkv", "--style", fire)
        last = self.painted(clip, "b.mkv", "--style", mist)
        half = self.painted(clip, "c.mkv", "--style", f"{fire}:0.5,{mist}:0.5")
        whole = np.abs(first - last).mean()
        self.assertLess(np.abs(first - half).mean(), whole)
        self.assertLess(np.abs(last - half).mean(), whole)
        self.assertGreater(np.abs(first - half).mean(), whole / 10)
        for mix in (f"{fire}:3,{mist}:3", f"{fire},{mist}"):
            self.assertTrue((self.painted(clip, "d.mkv", "--style", mix) == half).all(), mix)
        alone = self.painted(clip, "e.mkv", "--style", f"{fire}:1,{mist}:0")
        self.assertLessEqual(np.abs(alone - first).max(), 1)

    def test_mixes_that_cannot_be(self):
        fire = self.painting("fire.png", "fire")
        clip = self.clip("clip.mp4")
        tail = ("-o", self.outputs / "out.mp4")
        for code, says, style in ((USAGE, "below zero", f"{fire}:-1,{fire}:2"),
                                  (USAGE, "sum to zero", f"{fire}:0,{fire}:0"),
                                  (USAGE, "without a name", f"{fire}:1,"),
                                  (BAD_INPUT, "no style or file", f"{fire}:1,nobody:1")):
            with self.subTest(says=says):
                self.refused(code, says, "paint", clip, "--style", style, *tail)

    # -- over time --------------------------------------------------------------------------------

    def test_a_fade_is_steady_and_outside_of_it_all_is_as_ever(self):
        fire, mist = self.painting("fire.png", "fire"), self.painting("mist.png", "mist")
        clip = self.still_clip(frames=75)
        first = self.painted(clip, "a.mkv", "--style", fire)[0]
        last = self.painted(clip, "b.mkv", "--style", mist)[0]
        frames = self.painted(clip, "c.mkv", "--style-at", f"0:{fire},1.5s:{mist}")
        self.assertEqual(len(frames), 75)
        self.assertLessEqual(np.abs(frames[:13] - first).max(), 1, "until 0.5 s")
        self.assertLessEqual(np.abs(frames[63:] - last).max(), 1, "from 2.5 s on")
        steps = np.abs(np.diff(frames, axis=0)).mean(axis=1)
        whole = np.abs(first - last).mean()
        self.assertLess(steps.max(), 4 * whole / 50, "no jump")
        self.assertLess(np.abs(np.diff(steps)).max(), whole / 50, "no jerk")

    def test_a_cut_and_all_the_way(self):
        fire, mist = self.painting("fire.png", "fire"), self.painting("mist.png", "mist")
        clip = self.still_clip(frames=51)
        keys = ("--style-at", f"0:{fire},1:{mist}")
        frames = self.painted(clip, "a.mkv", *keys, "--style-fade", "cut")
        changes = np.flatnonzero(np.abs(np.diff(frames, axis=0)).max(axis=1)) + 1
        self.assertEqual(list(changes), [25])
        frames = self.painted(clip, "b.mkv", *keys, "--style-fade", "continuous")
        changes = np.flatnonzero(np.abs(np.diff(frames, axis=0)).mean(axis=1) > 0.05) + 1
        self.assertEqual(list(changes), list(range(1, 26)), "from the first frame to 1 s")

    def test_times_count_from_the_beginning_of_what_is_painted(self):
        fire, mist = self.painting("fire.png", "fire"), self.painting("mist.png", "mist")
        clip = self.still_clip(frames=60)
        frames = self.painted(clip, "a.mkv", "--start", "1", "--style-at",
                              f"0:{fire},0:00:01:{mist}", "--style-fade", "cut")
        changes = np.flatnonzero(np.abs(np.diff(frames, axis=0)).max(axis=1)) + 1
        self.assertEqual(list(changes), [25])

    def test_styles_change_with_the_shots(self):
        fire, mist = self.painting("fire.png", "fire"), self.painting("mist.png", "mist")
        clip = self.folder / "shots.mkv"
        # Cuts at frames 10 (too early) and 40; a white flash at 30.
        ffmpeg(*picture("96x64"), *lavfi("mandelbrot=s=96x64:r=25"), *lavfi("smptebars=s=96x64"),
               "-filter_complex",
               "[0]trim=end_frame=10[a];[1]loop=-1:1:0,trim=end_frame=30,"
               "geq=lum='if(eq(N,20),255,lum(X,Y))':cb='cb(X,Y)':cr='cr(X,Y)',format=yuv420p[b];"
               "[2]trim=end_frame=20,format=yuv420p[c];[a]format=yuv420p[d];"
               "[d][b][c]concat=n=3", *LOSSLESS, clip)
        words = ("--style-at", f"0:{fire},0.8:{mist}", "--style-fade", "shot")
        frames = self.painted(clip, "a.mkv", *words)
        as_fire = self.painted(clip, "b.mkv", "--style", fire, "--live-norm")
        as_mist = self.painted(clip, "c.mkv", "--style", mist, "--live-norm")
        in_fire = np.abs(frames - as_fire).max(axis=1) <= 1
        in_mist = np.abs(frames - as_mist).max(axis=1) <= 1
        self.assertEqual(list(np.flatnonzero(in_fire)), list(range(40)))
        self.assertEqual(list(np.flatnonzero(in_mist)), list(range(40, 60)))

    def test_schedules_that_cannot_be(self):
        fire = self.painting("fire.png", "fire")
        clip = self.clip("clip.mp4")
        tail = ("-o", self.outputs / "out.mp4")
        for code, says, words in (
                (USAGE, "from 0 on", ("--style-at", f"1:{fire}")),
                (USAGE, "do not rise", ("--style-at", f"0:{fire},2:{fire},2:{fire}")),
                (USAGE, "begin with a time", ("--style-at", f"{fire}")),
                (USAGE, "not a way to change", ("--style-at", f"0:{fire}", "--style-fade", "so")),
                (USAGE, "goes with --style-at", ("--style", fire, "--style-fade", "2")),
                (USAGE, "exclude each other", ("--style", fire, "--style-at", f"0:{fire}")),
                (BAD_INPUT, "no style or file", ("--style-at", f"0:{fire},1:nobody"))):
            with self.subTest(says=says):
                self.refused(code, says, "paint", clip, *words, *tail)


class WithoutBaseNetwork(Story):

    def test_it_is_told_what_is_missing_and_where(self):
        beside = Path(program()).resolve().parent.parent
        if any((beside / place / FILES[0]).exists() for place in ("models", "share/impasto/models")):
            self.skipTest("there is a base network beside the program")
        painting = self.folder / "painting.png"
        ffmpeg(*picture(), "-frames:v", "1", painting)
        env = {**environment(), "IMPASTO_MODELS": str(self.folder)}
        self.refuse(BAD_INPUT, self.clip("clip.mp4"), "--style", painting, "-o",
                    self.outputs / "out.mp4", env=env,
                    says=("base network", "IMPASTO_MODELS", str(self.folder)))


if __name__ == "__main__":
    unittest.main()
