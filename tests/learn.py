"""Learning a style: it can be stopped, killed and resumed, and what comes out paints."""

import json
import os
import shutil
import signal
import subprocess
import threading
import unittest
from pathlib import Path

from support import (BAD_INPUT, INTERRUPTED, REPO, STYLE, UNAVAILABLE, USAGE, Story, environment,
                     ffmpeg, impasto, lavfi, program, rgb, run)

VGG = Path(os.environ.get("IMPASTO_VGG19", REPO / ".deps" / "vgg19_relu5_1.safetensors"))
LEARNER = Path(os.environ.get("IMPASTO_LEARN", Path(program()).resolve().parent / "impasto-learn"))
SMALLEST = 128  # pixels on the short side of a photo

# Made pictures of many kinds; nothing is downloaded and nothing looks alike.
GRAPHS = ("testsrc2=s={}", "mandelbrot=s={}", "smptehdbars=s={}",
          "nullsrc=s={},geq=lum='128+90*sin(X/11)*cos(Y/13)':cb='128+60*sin(X/40)':cr=110",
          "nullsrc=s={},geq=lum='random(1)*200':cb=140:cr=120,gblur=3")


class Learning(Story):

    def setUp(self):
        super().setUp()
        if not LEARNER.is_file():
            self.skipTest("impasto-learn was not built")
        if not VGG.is_file():
            self.skipTest("VGG-19 is not installed (make setup)")
        self.env = environment()
        self.env["IMPASTO_VGG19"] = str(VGG)
        self.env["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.painting = self.still("painting.png", "mandelbrot=s={},hue=h=120:s=2", "200x160")
        self.photos = self.folder / "photos"
        self.photos.mkdir()
        for number, graph in enumerate(GRAPHS):
            self.still(f"photos/{number}.jpg", graph, "192x160")

    def still(self, name, graph, size):
        path = self.folder / name
        ffmpeg(*lavfi(graph.format(size)), "-frames:v", "1", "-update", "1", path)
        return path


class Learn(Learning):

    def words(self, out, *more):
        """The shortest training: from nothing, on one thread, so that it is the same each time."""
        return ["learn", self.painting, "-o", out, "--photos", self.photos, "--base", "none",
                "--threads", "1", "--seed", "3", *more]

    def learn(self, out, *more):
        result = impasto(*self.words(out, *more), env=self.env)
        self.assertEqual(result.rc, 0, str(result))
        return result

    def refuse(self, code, *words, says=(), env=None):
        result = impasto(*words, env=env or self.env)
        self.assertEqual(result.rc, code, str(result))
        told = result.err.strip().splitlines()[-1]
        self.assertRegex(told, "^impasto(-learn)?: .{20}")
        for word in says if isinstance(says, tuple) else (says,):
            self.assertIn(str(word), told)
        self.assertFalse((self.outputs / "out.onnx").exists())

    def in_the_middle(self, out, *more):
        """A training that has taken a step at least."""
        command = [program(), *map(str, self.words(out, "--progress", "json", *more))]
        process = self.begin_process(*command, env=self.env, stdout=subprocess.DEVNULL)
        told, learning = [], threading.Event()

        def listen():
            for line in process.stderr:
                told.append(line)
                if '"progress"' in line:
                    learning.set()
            learning.set()
        threading.Thread(target=listen, daemon=True).start()
        self.assertTrue(learning.wait(60), told)
        self.assertIsNone(process.poll(), told)
        return process

    def test_interrupted_killed_and_resumed_learns_what_an_unbroken_run_learns(self):
        steps = ("--steps", "8")
        whole, broken = self.outputs / "whole" / "out.onnx", self.outputs / "broken" / "out.onnx"
        self.learn(whole, *steps)
        process = self.in_the_middle(broken, *steps)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), INTERRUPTED)
        checkpoint = broken.parent / "out.onnx.checkpoint"
        self.assertEqual(os.listdir(broken.parent), [checkpoint.name])
        kept = checkpoint.read_bytes()

        process = self.in_the_middle(broken, *steps, "--resume")
        process.kill()
        self.assertEqual(process.wait(30), -signal.SIGKILL)
        self.assertEqual(os.listdir(broken.parent), [checkpoint.name])
        self.assertEqual(checkpoint.read_bytes(), kept)

        self.learn(broken, *steps, "--resume")
        self.assertEqual(os.listdir(broken.parent), ["out.onnx"])
        self.assertEqual(broken.read_bytes(), whole.read_bytes())

    def test_sigterm_saves_too_and_the_checkpoint_is_not_lost_by_accident(self):
        out = self.outputs / "out.onnx"
        process = self.in_the_middle(out, "--steps", "1000")
        process.terminate()
        self.assertEqual(process.wait(30), INTERRUPTED)
        self.refuse(USAGE, *self.words(out, "--steps", "1000"), says="--resume")
        self.refuse(USAGE, *self.words(out, "--steps", "1000", "--resume", "--stroke", "2"),
                    says="stroke")

    def test_what_was_learnt_paints_and_can_be_measured(self):
        (self.photos / "broken.jpg").write_bytes(b"this is no picture")
        (self.photos / "notes.txt").write_text("sources")
        self.still("photos/tiny.png", "testsrc2=s={}", f"200x{SMALLEST - 2}")
        clip = self.clip("clip.mp4", size="160x128", frames=6)
        out, shown = self.outputs / "out.onnx", self.folder / "shown"
        result = self.learn(out, "--steps", "2", "--on", clip, "--preview", shown, "--title",
                            "Made", "--licence", "CC0")
        self.assertIn("1 broken", result.err)
        self.assertIn("1 too small", result.err)
        self.assertLess(out.stat().st_size, 3_000_000)
        names = sorted(path.name for path in shown.iterdir())
        self.assertIn("losses.svg", names)
        self.assertGreater(len([name for name in names if name.endswith(".png")]), 1)
        style = json.loads(impasto("styles", "--json", "show", out, env=self.env).out)
        self.assertEqual((style["title"], style["licence"], style["steps"]), ("Made", "CC0", "2"))
        target, _ = self.paint(clip, "clip.mp4", style=out)
        self.same_frames(clip, target, frames=6)

        measured = impasto("measure", "style", out, "--painting", self.painting, "--photos",
                           self.photos, "--most", "2", "--json", env=self.env)
        self.assertEqual(measured.rc, 0, str(measured))
        measures = json.loads(measured.out)
        self.assertEqual(len(measures["each"]), 2)
        for name in ("style_loss", "content_loss", "shift_error", "phase_means"):
            self.assertGreater(measures[name], 0)
        self.assertEqual(sorted(measures["grid_power"]), ["period_2", "period_4", "period_8"])

    def test_two_runtimes_paint_the_same_picture(self):
        out = self.outputs / "out.onnx"
        self.learn(out, "--steps", "3")
        picture = self.still("picture.png", "mandelbrot=s={}", "256x192")
        painted, _ = self.paint(picture, "painted.png", "--precision", "f32", "--stroke", "native",
                                style=out)
        other = self.folder / "other.png"
        run([LEARNER, "paint", out, picture, "-o", other, "--short-side", "192"], env=self.env)
        difference = abs(rgb(painted).astype(int) - rgb(other).astype(int))
        self.assertLessEqual(difference.max(), 2)
        self.assertGreater(rgb(painted).std(), 5)

    def test_what_cannot_be_learnt_is_said_at_once(self):
        out = self.outputs / "out.onnx"
        empty = self.folder / "empty"
        empty.mkdir()
        clip = self.clip("clip.mp4", size="160x128", frames=6)
        text = self.folder / "painting.jpg"
        text.write_text("this is no picture")
        learn = ["learn", self.painting, "-o", out, "--base", "none"]
        some = ["--photos", self.photos]
        self.refuse(USAGE, *learn, says=("--photos", "--on"))
        self.refuse(BAD_INPUT, *learn, "--photos", empty, says=(empty, "--on"))
        self.refuse(BAD_INPUT, *learn, "--photos", self.folder / "none", says="none")
        self.refuse(BAD_INPUT, *learn, "--on", self.folder / "none.mp4", says="none.mp4")
        self.refuse(BAD_INPUT, "learn", clip, "-o", out, *some, says="is a video")
        self.refuse(BAD_INPUT, "learn", text, "-o", out, *some, says=text)
        self.refuse(BAD_INPUT, "learn", self.folder / "none.png", "-o", out, *some, says="none.png")
        self.refuse(USAGE, "learn", self.painting, "-o", self.outputs / "out.png", *some,
                    says=".onnx")
        self.refuse(USAGE, *learn, *some, "--stroke", "9", says="0.25 to 4")
        self.refuse(USAGE, *learn, *some, "--minutes", "1", "--steps", "1", says="--steps")
        (self.outputs / "there.onnx").write_text("a style of somebody's")
        self.refuse(BAD_INPUT, "learn", self.painting, "-o", self.outputs / "there.onnx", *some,
                    says="there.onnx")
        for name in ("IMPASTO_LEARN", "IMPASTO_VGG19"):
            self.refuse(UNAVAILABLE, *learn, *some, says=name,
                        env={**self.env, name: str(self.folder / "none")})

    def test_a_measure_without_photos_or_painting_is_refused(self):
        measure = ["measure", "style", STYLE]
        self.refuse(BAD_INPUT, *measure, "--painting", self.painting, "--photos", self.outputs,
                    says=self.outputs)
        self.refuse(BAD_INPUT, *measure, "--painting", self.folder / "none.jpg", "--photos",
                    self.photos, says="none.jpg")


class Base(Learning):
    """Painter and reader: any painting at once."""

    def base(self, out, *more):
        paintings = self.folder / "paintings"
        paintings.mkdir(exist_ok=True)
        for name in ("0.jpg", "1.jpg"):
            shutil.copy(self.photos / name, paintings / name)
        run([LEARNER, "base", "--vgg", VGG, "--paintings", paintings, "--photos", self.photos,
             "-o", out, "--side", "128", "--pool", "3", "--hold", "0", "--seed", "3", "--progress",
             "none", *more], env=self.env)

    def do(self, *words):
        result = impasto(*words, env=self.env)
        self.assertEqual(result.rc, 0, str(result))

    def test_a_base_that_ships_learns_on_together_with_its_reader(self):
        ours = REPO / "models"
        second = self.folder / "second"
        second.mkdir()
        self.base(second, "--steps", "2", "--start", ours)
        for name in ("painter.onnx", "reader.onnx"):
            self.assertNotEqual((ours / name).read_bytes(), (second / name).read_bytes())
        before = (second / "painter.onnx").read_bytes()
        self.base(second, "--steps", "3", "--resume")
        self.assertNotEqual((second / "painter.onnx").read_bytes(), before)

        # What was made from the first still mixes with what the second makes.
        self.env["IMPASTO_STYLES"] = str(self.folder / "styles")
        self.env["IMPASTO_MODELS"] = str(ours)
        self.do("styles", "add", self.painting, "--name", "made")
        self.env["IMPASTO_MODELS"] = str(second)
        still = self.still("still.png", "testsrc2=s={}", "160x96")
        self.do("paint", still, "--style", f"made:0.5,{self.painting}:0.5", "-o",
                self.outputs / "out.png")


if __name__ == "__main__":
    unittest.main()
