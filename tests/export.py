"""What export promises: a folded net that any ONNX runtime paints by as the program does."""

import sys
import unittest

import numpy as np

from support import BAD_INPUT, LOSSLESS, REPO, USAGE, Story, ffmpeg, impasto, lavfi, rgb

sys.path.insert(0, str(REPO / ".deps/onnxruntime"))
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

SIZE = (160, 96)


@unittest.skipIf(onnxruntime is None, "ONNX Runtime is not there")
class Export(Story):

    def clip(self):
        path = self.folder / "film.mkv"
        ffmpeg(*lavfi(f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=25"), "-frames:v", "10", *LOSSLESS,
               "-pix_fmt", "gbrp", path)
        return path

    def export(self, clip, precision, *words, style="starry-night"):
        net = self.outputs / f"{precision}.onnx"
        done = impasto("export", "--style", style, "--clip", clip, "-o", net, "--precision",
                       precision, "--progress", "none", *words)
        self.assertEqual(done.rc, 0, str(done))
        return net

    def run_net(self, net, picture):
        session = onnxruntime.InferenceSession(str(net), providers=["CPUExecutionProvider"])
        image = picture.astype(np.float32).transpose(2, 0, 1)[None] / 255
        painted = session.run(None, {session.get_inputs()[0].name: image})[0]
        self.assertEqual(painted.shape, image.shape)
        return painted[0].transpose(1, 2, 0) * 255

    def test_another_runtime_paints_the_same(self):
        clip = self.clip()
        source = rgb(clip)
        for precision, most in (("f32", 1.1), ("int8", None)):
            with self.subTest(precision=precision):
                painted, report = self.paint(clip, f"{precision}.mkv", "--codec", "ffv1", "--stroke",
                                             "native", "--precision", precision)
                self.assertEqual(report["calibration"]["stretches"], 1)
                net = self.export(clip, precision)
                found = self.run_net(net, source[4])
                wanted = rgb(painted)[4].astype(float)
                if most:
                    self.assertLessEqual(np.abs(found - wanted).max(), most)
                error = np.square(found - wanted).mean()
                self.assertGreater(10 * np.log10(255 * 255 / error), 34)

    def test_the_net_takes_any_size(self):
        net = self.export(self.clip(), "int8")
        for height, width in ((96, 160), (200, 136)):
            picture = np.zeros((height, width, 3)) + 99
            self.assertEqual(self.run_net(net, picture).shape, picture.shape)
        self.assertLess(net.stat().st_size, 2_000_000)

    def test_what_cannot_be_exported(self):
        clip = self.clip()
        refused = impasto("export", "--style", "starry-night", "--clip", clip, "-o",
                          self.outputs / "x.onnx", "--precision", "bf16", "--progress", "none")
        self.assertEqual(refused.rc, USAGE, str(refused))
        refused = impasto("export", "--style", "starry-night", "--clip", self.folder / "none.mp4",
                          "-o", self.outputs / "x.onnx")
        self.assertEqual(refused.rc, BAD_INPUT, str(refused))
        self.export(clip, "f32")
        again = impasto("export", "--style", "starry-night", "--clip", clip, "-o",
                        self.outputs / "f32.onnx", "--precision", "f32", "--progress", "none")
        self.assertEqual(again.rc, BAD_INPUT, str(again))
        self.assertEqual([path.name for path in self.outputs.iterdir()], ["f32.onnx"])


if __name__ == "__main__":
    unittest.main()
