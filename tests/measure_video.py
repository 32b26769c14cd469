"""Measuring how steady a painted video is: warping error, flicker, sharpness."""

import json
import struct
import unittest

import numpy as np

from support import BAD_INPUT, LOSSLESS, USAGE, Story, ffmpeg, impasto, lavfi

SIZE = "96x64"


class MeasureVideo(Story):

    def measure(self, painted, source, *words):
        result = impasto("measure", "video", painted, "--source", source, "--progress", "none",
                         "--json", *words)
        self.assertEqual(result.rc, 0, str(result))
        self.assertEqual(result.err, "")
        return json.loads(result.out)

    def film(self, name, graph, frames=6):
        path = self.folder / name
        ffmpeg(*lavfi(graph), "-frames:v", str(frames), *LOSSLESS, "-pix_fmt", "gbrp", path)
        return path

    def sliding(self, name="sliding.mkv", speed=2):
        """Blotches that move to the left, whole pixels a frame."""
        place = f"(X+{speed}*N)"
        value = f"128+60*sin({place}*0.5+sin(Y*0.2))+50*sin(Y*0.6)"
        return self.film(name, f"nullsrc=s={SIZE}:r=25,format=gbrp,geq=r='{value}':g='{value}'"
                               f":b='{value}'")

    def write_flow(self, folder, number, dx, dy, size=(96, 64)):
        folder.mkdir(exist_ok=True)
        width, height = size
        flow = np.empty((height, width, 2), "<f4")
        flow[...] = dx, dy
        path = folder / f"frame_{number:04}.flo"
        path.write_bytes(b"PIEH" + struct.pack("<ii", width, height) + flow.tobytes())

    def test_what_moves_with_its_source_is_steady_and_noise_is_not(self):
        source = self.sliding()
        noisy = self.folder / "noisy.mkv"
        ffmpeg("-i", source, "-vf", "noise=alls=40:allf=t", *LOSSLESS, "-pix_fmt", "gbrp", noisy)
        same = self.measure(source, source)
        self.assertEqual(same["compared"], 5)
        self.assertEqual(len(same["frames"]), 6)
        self.assertIsNone(same["frames"][0]["warping_error"])
        self.assertLess(same["overall"]["warping_error"]["mse"], 2e-4)
        self.assertGreater(same["overall"]["warping_error"]["share"], 0.85)
        self.assertEqual(same["overall"]["sharpness"], same["overall"]["source_sharpness"])
        other = self.measure(noisy, source)
        self.assertGreater(other["overall"]["warping_error"]["mse"], 2e-3)
        self.assertEqual(other["overall"]["source_warping_error"],
                         same["overall"]["source_warping_error"])
        self.assertGreater(other["overall"]["sharpness"], other["overall"]["source_sharpness"])

    def test_flicker_is_that_of_still_parts(self):
        still = self.film("still.mkv", f"testsrc2=s={SIZE}:r=25,trim=end_frame=1,loop=6:1,"
                                       "setpts=N/25/TB")
        blinking = self.folder / "blinking.mkv"  # 20 of 255 more in every other frame
        ffmpeg("-i", still, "-vf", "format=gbrp,geq=r='min(r(X,Y),200)+20*mod(N,2)':"
               "g='min(g(X,Y),200)+20*mod(N,2)':b='min(b(X,Y),200)+20*mod(N,2)'", *LOSSLESS,
               blinking)
        found = self.measure(blinking, still)["overall"]["flicker"]
        self.assertAlmostEqual(found["mae"], 20 / 255, delta=0.002)
        self.assertGreater(found["share"], 0.95)
        self.assertEqual(self.measure(still, still)["overall"]["flicker"]["mae"], 0)

    def test_given_flow_is_followed_for_the_frames_it_is_given_for(self):
        source = self.sliding()
        folder = self.folder / "flow"
        self.write_flow(folder, 2, -2, 0)
        found = self.measure(source, source, "--flow", folder)
        self.assertEqual(found["compared"], 1)
        self.assertIsNone(found["frames"][1]["warping_error"])
        exact = found["frames"][2]["warping_error"]
        self.assertLess(exact["mse"], 1e-10)
        self.assertAlmostEqual(exact["share"], 94 / 96, delta=1e-6)
        ffmpeg(*lavfi(f"color=black:s={SIZE},drawbox=0:0:48:64:white:fill"), "-frames:v", "1",
               folder / "occ_0002.png")
        half = self.measure(source, source, "--flow", folder)["frames"][2]["warping_error"]
        self.assertAlmostEqual(half["share"], 0.5, delta=1e-6)
        self.write_flow(folder, 2, 0, 0)
        wrong = self.measure(source, source, "--flow", folder)["frames"][2]["warping_error"]
        self.assertGreater(wrong["mse"], 0.01)

    def test_cuts_are_not_compared(self):
        path = self.folder / "cut.mkv"
        ffmpeg(*lavfi(f"testsrc2=s={SIZE}:r=25"), *lavfi(f"mandelbrot=s={SIZE}:r=25"),
               "-filter_complex", "[0]trim=end_frame=8[a];[1]trim=end_frame=8[b];[a][b]concat",
               *LOSSLESS, path)
        found = self.measure(path, path)
        self.assertEqual([index for index, frame in enumerate(found["frames"]) if frame["cut"]],
                         [8])
        self.assertIsNone(found["frames"][8]["warping_error"])
        self.assertEqual(found["compared"], 14)

    def test_a_table_for_people_and_a_chart(self):
        source = self.sliding()
        chart = self.folder / "chart.svg"
        result = impasto("measure", "video", source, "--source", source, "--chart", chart)
        self.assertEqual(result.rc, 0, str(result))
        for word in ("6 frames", "warping error (MSE)", "flicker", "sharpness", "1.00 times"):
            self.assertIn(word, result.out)
        self.assertIn("warping error", chart.read_text())

    def test_a_painting_of_another_size_is_measured_at_its_own(self):
        source = self.sliding()
        small = self.folder / "small.mkv"
        ffmpeg("-i", source, "-vf", "scale=64:44", *LOSSLESS, small)
        self.assertEqual(self.measure(small, source)["compared"], 5)

    def test_refusals_are_sentences(self):
        source = self.sliding()
        short = self.film("short.mkv", f"testsrc2=s={SIZE}:r=25", frames=4)
        slow = self.film("slow.mkv", f"testsrc2=s={SIZE}:r=12", frames=6)
        still = self.folder / "still.png"
        ffmpeg(*lavfi(f"testsrc2=s={SIZE}"), "-frames:v", "1", still)
        folder = self.folder / "flow"
        self.write_flow(folder, 1, 0, 0, (64, 64))
        broken = self.folder / "broken"
        broken.mkdir()
        (broken / "1.flo").write_bytes(b"PIEH")
        for code, says, words in (
                (BAD_INPUT, "4 frames", [short, "--source", source]),
                (BAD_INPUT, "shown at", [slow, "--source", source]),
                (BAD_INPUT, "two", [still, "--source", still]),
                (BAD_INPUT, "no file", [source, "--source", self.folder / "none.mkv"]),
                (BAD_INPUT, "64x64", [source, "--source", source, "--flow", folder]),
                (BAD_INPUT, "no flow field", [source, "--source", source, "--flow", broken]),
                (BAD_INPUT, "no flow fields", [source, "--source", source, "--flow",
                                               self.outputs]),
                (USAGE, "--source", [source])):
            with self.subTest(says=says):
                result = impasto("measure", "video", *words,
                                 *(("--progress", "none") if code == BAD_INPUT else ()))
                self.assertEqual(result.rc, code, str(result))
                self.assertIn(says, result.err)
                self.assertEqual(result.out, "")


if __name__ == "__main__":
    unittest.main()
