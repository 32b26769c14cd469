"""Pictures as well as films; whole folders and patterns of both."""

import json
import unittest

import numpy as np

from support import (BAD_INPUT, H264, STYLE, Story, ffmpeg, film, impasto, lavfi, picture, rgb,
                     sound, streams)


def with_orientation(jpeg, number):
    """A JPEG's bytes with an EXIF block that says how it lies."""
    tiff = (b"II*\0\x08\0\0\0" + b"\x01\0" + b"\x12\x01\x03\0\x01\0\0\0" +
            number.to_bytes(2, "little") + b"\0\0" + b"\0\0\0\0")
    block = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + jpeg[2:]


TURNED = {1: lambda p: p, 2: np.fliplr, 3: lambda p: np.rot90(p, 2), 4: np.flipud,
          5: lambda p: p.swapaxes(0, 1), 6: lambda p: np.rot90(p, -1),
          7: lambda p: np.rot90(p, 2).swapaxes(0, 1), 8: lambda p: np.rot90(p, 1)}


class Stills(Story):

    def still(self, name, *words, size="96x64"):
        """Numbers and bars, blurred a little: no codec's shared chroma tears them."""
        path = self.folder / name
        ffmpeg(*lavfi(f"testsrc2=s={size},format=gbrp,gblur=sigma=4"), "-frames:v", "1", *words,
               path)
        return path

    def test_every_kind_to_every_kind(self):
        for source in ("png", "jpg", "jpeg", "webp", "bmp", "tiff"):
            made = self.still(f"in.{source}", size="97x65" if source == "png" else "96x64")
            for target, codec in (("png", "png"), ("jpg", "mjpeg"), ("jpeg", "mjpeg"),
                                  ("webp", "webp")):
                with self.subTest(source=source, target=target):
                    painted, report = self.paint(made, f"{source}.{target}")
                    self.assertEqual(film(painted)["codec_name"], codec)
                    self.assertEqual((film(painted)["width"], film(painted)["height"]),
                                     (film(made)["width"], film(made)["height"]))
                    self.assertEqual(report["frames"]["out"], 1)

    def test_unpainted_pictures_come_back(self):
        for source, worst in (("png", 0), ("bmp", 0), ("tiff", 0), ("webp", 3), ("jpg", 3)):
            with self.subTest(source=source):
                exact = ["-pix_fmt", "bgr24" if source == "bmp" else "rgb24"] if worst == 0 else []
                made = self.still(f"in.{source}", *exact)
                painted, _ = self.paint(made, f"{source}.png", "--strength", "0")
                difference = np.abs(rgb(painted).astype(int) - rgb(made).astype(int))
                self.assertLessEqual(difference.mean(), worst)
                if worst == 0:
                    self.assertEqual(difference.max(), 0)

    def test_pictures_are_painted(self):
        made = self.still("in.png")
        painted, _ = self.paint(made, "out.png")
        self.assertGreater(np.abs(rgb(painted).astype(int) - rgb(made).astype(int)).mean(), 8)

    def test_jpegs_that_lie_are_painted_upright(self):
        plain = self.still("plain.jpg", "-q:v", "2", size="96x64")
        stored = rgb(plain)[0].astype(int)
        for number, turn in TURNED.items():
            for end in ("png", "jpg"):
                with self.subTest(orientation=number, end=end):
                    path = self.folder / f"lying-{number}.jpg"
                    path.write_bytes(with_orientation(plain.read_bytes(), number))
                    painted, _ = self.paint(path, f"{number}.{end}", "--strength", "0")
                    shown, expected = rgb(painted)[0].astype(int), turn(stored)
                    self.assertEqual(shown.shape, expected.shape)
                    self.assertLess(np.abs(shown - expected).mean(), 3)
                    self.assertNotIn(b"Exif\0\0II*\0", painted.read_bytes()[:200])

    def test_alpha_stays(self):
        path = self.folder / "alpha.png"
        ffmpeg(*lavfi("testsrc2=s=96x64,format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':"
                      "a='X*255/95'"), "-frames:v", "1", "-pix_fmt", "rgba", path)
        for target in ("png", "webp"):
            with self.subTest(target=target):
                painted, report = self.paint(path, "alpha." + target)
                self.assertIn("a", film(painted)["pix_fmt"])
                planes = [np.frombuffer(ffmpeg("-i", one, "-vf", "format=rgba,alphaextract",
                                               "-pix_fmt", "gray", "-f", "rawvideo", "-"),
                                        np.uint8).astype(int) for one in (path, painted)]
                self.assertEqual(np.abs(planes[0] - planes[1]).max(), 0)
                self.assertEqual(report["losses"], [])
        _, report = self.paint(path, "alpha.jpg")
        self.assertTrue(any("alpha" in loss for loss in report["losses"]))
        self.assertIn("alpha", self.last.err)
        self.refuse(BAD_INPUT, path, "--style", STYLE, "-o", self.outputs / "strict.jpg",
                    "--strict", says="alpha", left=["alpha.jpg", "alpha.png", "alpha.webp"])

    def test_deep_and_grey_pictures(self):
        for pix_fmt, expected in (("rgb48be", "48|64"), ("gray", "rgb|gbr|gray"),
                                  ("gray16be", "48|gray16"), ("rgba64be", "64"), ("ya8", "a"),
                                  ("pal8", "rgb|gbr|pal"),
                                  ("monob", "rgb|gbr|gray|mono")):
            with self.subTest(pix_fmt=pix_fmt):
                path = self.still(f"{pix_fmt}.png", "-pix_fmt", pix_fmt)
                painted, report = self.paint(path, f"{pix_fmt}.png")
                self.assertRegex(film(painted)["pix_fmt"], expected)
                self.assertEqual(report["losses"], [])
                unpainted, _ = self.paint(path, f"{pix_fmt}-0.png", "--strength", "0")
                difference = np.abs(rgb(unpainted).astype(int) - rgb(path).astype(int))
                self.assertLessEqual(difference.max(), 2)

    def test_sixteen_bits_are_used(self):
        path = self.folder / "slope.png"
        ffmpeg(*lavfi("nullsrc=s=512x32,format=gray16le,geq=lum=20000+X*8"), "-frames:v", "1",
               "-vf", "format=rgb48be", path)
        painted, _ = self.paint(path, "slope.png", "--strength", "0")
        values = np.frombuffer(ffmpeg("-i", painted, "-pix_fmt", "rgb48le", "-f", "rawvideo", "-"),
                               np.uint16)
        self.assertGreater(len(np.unique(values)), 400)

    def test_size_of_a_picture(self):
        made = self.still("in.png", size="128x96")
        for size, expected in (("64x48", (64, 48)), ("63x47", (63, 47)), ("72p", (96, 72))):
            with self.subTest(size=size):
                painted, _ = self.paint(made, f"{size}.png", "--size", size)
                self.assertEqual((film(painted)["width"], film(painted)["height"]), expected)

    def test_a_frame_of_a_film(self):
        source = self.clip("in.mkv", "-vf", "gblur=sigma=4", frames=20)
        first, _ = self.paint(source, "first.png", "--strength", "0")
        later, _ = self.paint(source, "later.png", "--strength", "0", "--start", "0.4")
        frames = rgb(source).astype(int)
        self.assertLess(np.abs(rgb(first)[0] - frames[0]).mean(), 2)
        self.assertLess(np.abs(rgb(later)[0] - frames[10]).mean(), 2)

    def test_a_picture_as_a_film(self):
        """A picture to a film is a film of one frame."""
        painted, report = self.paint(self.still("in.png"), "out.mp4")
        self.assertEqual(report["frames"]["out"], 1)
        self.assertEqual(film(painted)["codec_name"], "h264")

    def test_broken_pictures(self):
        good = self.still("good.png").read_bytes()
        for name, data in (("cut.jpg", self.still("good.jpg").read_bytes()[:100]),
                           ("cut.png", good[:60]), ("text.png", b"not a picture at all\n" * 9),
                           ("empty.png", b"")):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(data)
                self.refuse(BAD_INPUT, path, "--style", STYLE, "-o", self.outputs / "out.png",
                            says=name)


class Folders(Story):

    def listed(self):
        return sorted(str(path.relative_to(self.outputs)) for path in self.outputs.rglob("*")
                      if path.is_file())

    def paint_all(self, *words, rc=0, **more):
        result = impasto("paint", *words, "--style", STYLE, "--progress", "none", **more)
        self.assertEqual(result.rc, rc, str(result))
        return result

    def gallery(self):
        folder = self.folder / "gallery"
        folder.mkdir()
        for name, size in (("a.png", "96x64"), ("b.jpg", "64x96"), ("c.webp", "96x64"),
                           ("d e.png", "64x48")):
            ffmpeg(*lavfi(f"testsrc2=s={size}"), "-frames:v", "1", folder / name)
        return folder

    def test_a_folder_of_pictures(self):
        folder = self.gallery()
        (folder / "notes.txt").write_text("not a picture")
        result = self.paint_all(folder, "-o", f"{self.outputs}/")
        self.assertEqual(self.listed(), ["a.png", "b.jpg", "c.webp", "d e.png"])
        self.assertIn("1 file", result.err)
        self.assertEqual((film(self.outputs / "b.jpg")["width"]), 64)
        self.assertEqual(len(result.out.strip().splitlines()), 4)

    def test_a_folder_that_is_made(self):
        self.paint_all(self.gallery(), "-o", self.outputs / "new" / "deep")
        self.assertEqual(self.listed(), [f"new/deep/{name}" for name in
                                         ("a.png", "b.jpg", "c.webp", "d e.png")])

    def test_a_folder_of_films_and_pictures(self):
        folder = self.folder / "mixed"
        folder.mkdir()
        ffmpeg(*picture(), *sound(), "-t", "0.4", *H264, "-c:a", "aac", folder / "a.mp4")
        ffmpeg(*picture("96x64"), "-t", "0.4", *H264, folder / "b.mkv")
        ffmpeg(*picture(), "-t", "0.4", "-c:v", "mpeg4", folder / "c.avi")
        ffmpeg(*picture(), "-t", "0.4", "-c:v", "mpeg2video", folder / "c.mpg")
        ffmpeg(*picture(), "-frames:v", "1", folder / "d.bmp")
        result = self.paint_all(folder, "-o", f"{self.outputs}/", "--report",
                                self.folder / "r.json")
        self.assertEqual(self.listed(), ["a.mp4", "b.mkv", "c.avi.mkv", "c.mkv", "d.png"]
                         if "c.avi.mkv" in self.listed() else
                         ["a.mp4", "b.mkv", "c.mkv", "c.mpg.mkv", "d.png"])
        self.assertIn("c.avi", result.err)
        self.assertEqual(len(streams(self.outputs / "a.mp4", "audio")), 1)
        self.assertEqual(len(json.loads((self.folder / "r.json").read_text())["files"]), 5)

    def test_a_pattern(self):
        folder = self.gallery()
        self.paint_all(f"{folder}/*.png", "-o", f"{self.outputs}/")
        self.assertEqual(self.listed(), ["a.png", "d e.png"])
        self.paint_all(f"{folder}/[bc].*", "-o", f"{self.outputs}/more/")
        self.assertEqual(self.listed(), ["a.png", "d e.png", "more/b.jpg", "more/c.webp"])

    def test_a_file_whose_name_looks_like_a_pattern(self):
        for name in ("what?.png", "[1].png", "100 %.png", "-start.png", "täst.png", "a'b\".png"):
            with self.subTest(name=name):
                ffmpeg(*lavfi("testsrc2=s=64x48"), "-frames:v", "1", "-update", "1", "-c:v", "png",
                       "-f", "image2", self.folder / "plain.png")
                path = self.folder / name
                path.write_bytes((self.folder / "plain.png").read_bytes())
                self.paint(path, name)

    def test_films_whose_names_are_odd(self):
        made = self.clip("plain.mkv", frames=3)
        for name in ("%03d.mkv", "a:b.mkv", "http:x.mkv", "pipe:.mkv", "ünï cödé.mkv", "x.MKV"):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_bytes(made.read_bytes())
                self.paint(path, name)
                result = impasto("paint", name, "--style", STYLE, "-o", f"painted/rel-{name}",
                                 "--progress", "none", cwd=self.folder)
                self.assertEqual(result.rc, 0, str(result))

    def test_several_files(self):
        films = [self.clip(f"{name}.mp4", frames=3) for name in "abc"]
        result = self.paint_all(*films, "-o", f"{self.outputs}/")
        self.assertEqual(self.listed(), ["a.mp4", "b.mp4", "c.mp4"])
        self.assertEqual(len(result.out.strip().splitlines()), 3)

    def test_one_bad_file_among_good_ones(self):
        folder = self.gallery()
        (folder / "b.jpg").write_bytes(b"no picture\n" * 20)
        result = self.paint_all(folder, "-o", f"{self.outputs}/", rc=BAD_INPUT)
        self.assertEqual(self.listed(), ["a.png", "c.webp", "d e.png"])
        told = result.err.strip().splitlines()
        self.assertEqual(len(told), 2, str(result))
        self.assertIn("b.jpg", told[0])
        self.assertRegex(told[-1], r"\Aimpasto: 1 of 4 files")

    def test_again_into_the_same_folder(self):
        folder = self.gallery()
        self.paint_all(folder, "-o", f"{self.outputs}/")
        before = {name: (self.outputs / name).stat().st_mtime_ns for name in self.listed()}
        result = self.paint_all(folder, "-o", f"{self.outputs}/", rc=BAD_INPUT)
        self.assertEqual({name: (self.outputs / name).stat().st_mtime_ns for name in before},
                         before)
        self.assertIn("--overwrite", result.err)
        self.paint_all(folder, "-o", f"{self.outputs}/", "--overwrite")
        self.assertEqual(self.listed(), sorted(before))

    def test_a_folder_onto_itself_is_refused(self):
        folder = self.gallery()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        for target in (f"{folder}/", f"{folder}", f"{folder}/../gallery/"):
            with self.subTest(target=target):
                result = impasto("paint", folder, "--style", STYLE, "-o", target, "--overwrite")
                self.assertNotEqual(result.rc, 0, str(result))
                self.assertEqual({path.name: path.read_bytes() for path in folder.iterdir()},
                                 before)

    def test_one_film_into_a_folder(self):
        self.paint_all(self.clip("in.mp4", frames=2), "-o", f"{self.outputs}/sub/")
        self.assertEqual(self.listed(), ["sub/in.mp4"])


if __name__ == "__main__":
    unittest.main()
