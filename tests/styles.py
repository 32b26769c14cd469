"""The styles that ship: each is a file that any runtime runs, and says where it came from."""

import json
import sys
import unittest

from support import REPO, STYLE, Story, ffmpeg, impasto, lavfi, rgb

STYLES = sorted(path.parent for path in (REPO / "styles").glob("*/style.onnx"))
PEER = REPO / ".deps" / "onnxruntime"
LARGEST = 3_000_000  # bytes
FACTS = ("title", "painting", "licence", "author", "stroke", "steps", "losses")


class Styles(Story):

    def in_onnx_runtime(self, style, picture):
        """What ONNX Runtime makes of 8-bit RGB [H, W, 3], of a size without a margin; 0 … 255."""
        sys.path.insert(0, str(PEER))
        try:
            import onnxruntime
        finally:
            sys.path.remove(str(PEER))
        session = onnxruntime.InferenceSession(str(style), providers=["CPUExecutionProvider"])
        planes = (picture.astype("float32") / 255).transpose(2, 0, 1)[None]
        painted = session.run(None, {session.get_inputs()[0].name: planes})[0][0]
        return painted.transpose(1, 2, 0) * 255

    @unittest.skipUnless(PEER.is_dir(), "ONNX Runtime is not installed (make setup)")
    def test_onnx_runtime_paints_the_same_picture(self):
        picture = self.folder / "picture.png"
        ffmpeg(*lavfi("mandelbrot=s=208x136"), "-frames:v", "1", "-update", "1", picture)
        for folder in STYLES:
            with self.subTest(folder.name):
                painted, _ = self.paint(picture, f"{folder.name}.png", "--precision", "f32",
                                        "--stroke", "native", style=folder.name)
                theirs = self.in_onnx_runtime(folder / "style.onnx", rgb(picture)[0])
                self.assertLessEqual(abs(rgb(painted)[0] - theirs).max(), 2)
                self.assertGreater(theirs.std(), 5)

    def test_black_bars_are_painted_dark_and_without_a_frame(self):
        picture = self.folder / "bars.png"
        ffmpeg(*lavfi("testsrc2=s=400x240"), "-vf", "pad=400:592:0:176", "-frames:v", "1",
               "-update", "1", picture)
        for folder in STYLES:
            with self.subTest(folder.name):
                painted, _ = self.paint(picture, f"{folder.name}-bars.png", "--precision", "f32",
                                        "--stroke", "native", style=folder.name)
                painted = rgb(painted)[0].astype("float32")
                # What lies so far from the picture that the network sees nothing but black.
                blocks = painted[:64].reshape(8, 8, 50, 8, 3).transpose(0, 2, 1, 3, 4)
                self.assertLessEqual(abs(blocks - blocks[4, 25]).max(), 1, "a frame")
                self.assertLess(painted[:64].mean(), painted[176:416].mean(), "is not dark")

    def test_each_is_small_and_tells_its_origin(self):
        self.assertIn(STYLE, [folder.name for folder in STYLES])
        index = (REPO / "styles/README.md").read_text()
        for folder in STYLES:
            with self.subTest(folder.name):
                self.assertLess((folder / "style.onnx").stat().st_size, LARGEST)
                shown = impasto("styles", "--json", "show", folder.name)
                self.assertEqual(shown.rc, 0, str(shown))
                told = json.loads(shown.out)
                for fact in FACTS:
                    self.assertTrue(told.get(fact), fact)
                page = (folder / "README.md").read_text()
                self.assertIn("impasto learn", page)
                self.assertIn("preview.jpg", page)
                self.assertTrue((folder / "preview.jpg").is_file())
                self.assertIn(f"({folder.name}/README.md)", index)


if __name__ == "__main__":
    unittest.main()
