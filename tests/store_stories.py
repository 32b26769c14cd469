"""What is asked of every object store, whichever server stands for it."""

import json
import re
import signal
import threading
import time

from fault_proxy import Fault, FaultProxy, now_and_then
from support import (BAD_INPUT, INTERRUPTED, STYLE, UNAVAILABLE, USAGE, Story, environment, ffmpeg,
                     frame_times, impasto, lavfi, program, rgb, sound)

# Two scenes; more than one segment in all.
SCENES = ("testsrc2=s=96x64:r=25:d=5.4[a];mandelbrot=s=96x64:r=25,trim=end_frame=166,"
          "setpts=N/25/TB[b];[a][b]concat=n=2:v=1:a=0,settb=1/25")
BUCKET = "films"


class StoreStory(Story):
    """A story with a server of its own class and a bucket in it. Whatever the program says or
    leaves behind is searched for what must stay secret."""

    server_of = None  # makes the server; subclasses set it

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.server_of()
        cls.addClassCleanup(cls.server.stop)
        cls.server.make(BUCKET)
        cls.count = 0

    def setUp(self):
        super().setUp()
        type(self).count += 1
        self.prefix = f"story{self.count}"
        self.said = []
        self.more = {}
        self.port = None  # of a proxy that stands between

    def tearDown(self):
        for text in self.said:
            for secret in self.server.secrets:
                self.assertNotIn(secret, text)
        for name in self.server.names(BUCKET):
            if name.endswith((".json", ".jsonl")):
                text = self.server.get(BUCKET, name).decode()
                for secret in self.server.secrets:
                    self.assertNotIn(secret, text, name)
        super().tearDown()

    # -- doing ------------------------------------------------------------------------------------

    def uri(self, name):
        return f"{self.server.root(BUCKET)}/{self.prefix}/{name}"

    def put(self, name, path):
        self.server.put(BUCKET, f"{self.prefix}/{name}", path.read_bytes())
        return self.uri(name)

    def get(self, name):
        """An object, and as a file under its name."""
        content = self.server.get(BUCKET, f"{self.prefix}/{name}")
        self.assertIsNotNone(content, f"{name} is not among {self.names()}")
        path = self.folder / f"from-store-{name.replace('/', '-')}"
        path.write_bytes(content)
        return path

    def names(self):
        """Of the story's own objects; stores that mark folders mark them with a slash."""
        start = len(self.prefix) + 1
        return [name[start:] for name in self.server.names(BUCKET)
                if name.startswith(self.prefix + "/") and name[start:] and
                not name.endswith("/")]

    def env(self):
        env = environment()
        env.update(self.server.environment(self.port))
        env.update(self.more)
        return env

    def do(self, *words, rc=0, quiet=True):
        more = ("--progress", "none") if quiet else ()
        result = impasto(*words, *more, env=self.env(), timeout=280)
        self.said += [result.out, result.err]
        self.assertEqual(result.rc, rc, str(result))
        return result

    def paint_in_store(self, source, target, *words, **more):
        return self.do("paint", source, "--style", STYLE, "-o", target, *words, **more)

    def begin(self, *words):
        return self.begin_process(program(), *words, env=self.env())

    def behind(self, choose=None):
        """Puts a proxy before the store."""
        proxy = FaultProxy(self.server.port, choose)
        self.addCleanup(proxy.stop)
        self.port = proxy.port
        return proxy

    def film(self, name="film.mp4", seconds=12):
        path = self.folder / name
        ffmpeg(*lavfi(SCENES), *sound(), "-t", str(seconds), "-c:v", "libx264", "-preset",
               "veryfast", "-g", "40", "-c:a", "aac", path)
        return path

    def painted_here(self, source, name, *words):
        return self.paint(source, name, *words)[0].read_bytes()

    def wait_for(self, condition, seconds=120):
        until = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), until, str(self.names()))
            time.sleep(0.02)


class StoreStories:
    """The stories; mixed into a StoreStory."""

    def test_a_film_from_a_store_to_a_store_is_what_it_is_here(self):
        source = self.film()
        here = self.painted_here(source, "here.mkv")
        report = self.uri("report.json")
        self.paint_in_store(self.put("film.mp4", source), self.uri("out.mkv"), "--report", report)
        self.assertEqual(self.names(), ["film.mp4", "out.mkv", "report.json"])
        self.assertEqual(self.get("out.mkv").read_bytes(), here)
        told = json.loads(self.get("report.json").read_text())["files"][0]
        self.assertEqual(told["problems"], [])
        self.assertEqual(told["output"], self.uri("out.mkv"))
        again = self.paint_in_store(self.uri("film.mp4"), self.uri("out.mkv"), rc=BAD_INPUT)
        self.assertIn("exists already; add --overwrite", again.err)
        self.paint_in_store(self.uri("film.mp4"), self.uri("out.mkv"), "--overwrite", "--duration",
                            "1")
        self.assertEqual(len(frame_times(self.get("out.mkv"))), 25)

    def test_a_job_lies_in_a_store_and_its_ends_anywhere(self):
        source = self.film()
        here = self.painted_here(source, "here.mkv")
        for name, start, target in (("a", source, self.uri("a.mkv")),
                                    ("b", self.put("film.mp4", source), self.outputs / "b.mkv")):
            job = self.uri(f"jobs/{name}")
            self.do("plan", start, "--style", STYLE, "-o", target, "--job", job)
            self.do("work", job, "--shard", "1/2")
            told = json.loads(self.do("status", job, "--json", quiet=False).out)
            self.assertEqual((told["done"], told["finished"]), (1, False))
            self.do("finish", job, rc=UNAVAILABLE)
            self.do("work", job)
            self.do("finish", job)
            self.assertTrue(json.loads(self.do("status", job, "--json", quiet=False).out)[
                "finished"])
            self.do("clean", job, quiet=False)
            self.assertEqual([one for one in self.names() if one.startswith(f"jobs/{name}")], [])
        self.assertEqual(self.get("a.mkv").read_bytes(), here)
        self.assertEqual((self.outputs / "b.mkv").read_bytes(), here)

    def test_killed_and_run_again_it_goes_on(self):
        source = self.film()
        here = self.painted_here(source, "here.mkv")
        words = ("paint", self.put("film.mp4", source), "--style", STYLE, "-o",
                 self.uri("out.mkv"), "--progress", "none")
        process = self.begin(*words)

        def segments():
            return [name for name in self.names() if name.endswith(".nut")]
        self.wait_for(segments)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        self.assertNotIn("out.mkv", self.names())
        kept = {name: self.server.get(BUCKET, f"{self.prefix}/{name}") for name in segments()}
        again = self.begin(*words[:-1], "plain")
        _, told = again.communicate(timeout=120)
        self.said.append(told)
        self.assertEqual(again.returncode, 0, told)
        self.assertIn(f"{len(kept)} of 2 segments", told)
        self.assertEqual(self.get("out.mkv").read_bytes(), here)
        self.assertEqual(self.names(), ["film.mp4", "out.mkv"])

    def test_folders_patterns_and_paintings_are_prefixes_and_objects(self):
        for number in range(3):
            ffmpeg(*lavfi(f"testsrc2=s=64x48:d=1,hue=h={number * 90}"), "-frames:v", "1",
                   self.folder / f"p{number}.png")
            self.put(f"in/p{number}.png", self.folder / f"p{number}.png")
        self.put("in/deeper/no.png", self.folder / "p0.png")
        ffmpeg(*lavfi("mandelbrot=s=512x512"), "-frames:v", "1", self.folder / "painting.png")
        painting = self.put("a painting.png", self.folder / "painting.png")
        self.do("paint", self.uri("in"), "--style", painting, "-o", self.uri("out") + "/",
                "--preview", self.uri("sheet.png"), rc=USAGE)  # of one input alone
        self.do("paint", self.uri("in"), "--style", painting, "-o", self.uri("out") + "/")
        self.do("paint", self.uri("i*/p[12].png"), "--style", self.folder / "painting.png", "-o",
                self.outputs)
        self.assertEqual([name for name in self.names() if name.startswith("out/")],
                         ["out/p0.png", "out/p1.png", "out/p2.png"])
        self.assertEqual(sorted(path.name for path in self.outputs.iterdir()),
                         ["p1.png", "p2.png"])
        for name in ("p1.png", "p2.png"):
            self.assertEqual(self.get("out/" + name).read_bytes(),
                             (self.outputs / name).read_bytes())
        self.assertGreater(abs(rgb(self.get("out/p1.png")).astype(int)
                               - rgb(self.folder / "p1.png")).mean(), 10)

    def test_a_line_that_breaks_again_and_again_gives_the_same(self):
        source = self.film()
        here = self.painted_here(source, "here.mkv")
        start = self.put("film.mp4", source)
        proxy = self.behind(now_and_then(seed=4, share=0.15))
        self.paint_in_store(start, self.uri("out.mkv"))
        self.assertGreater(proxy.faults, 10)
        self.assertEqual(self.get("out.mkv").read_bytes(), here)
        self.assertEqual(self.names(), ["film.mp4", "out.mkv"])

    def be_away(self, seconds):
        """A film is painted while its store goes away for a while."""
        source = self.film()
        here = self.painted_here(source, "here.mkv")
        start = self.put("film.mp4", source)
        proxy = self.behind()
        process = self.begin("paint", start, "--style", STYLE, "-o", self.uri("out.mkv"),
                             "--progress", "none")
        self.wait_for(lambda: any("plan.json" in name for name in self.names()))
        proxy.be_away(seconds)
        begun = time.monotonic()
        _, told = process.communicate(timeout=200)
        self.said.append(told)
        self.assertEqual(process.returncode, 0, told)
        self.assertGreater(time.monotonic() - begun, seconds)
        self.assertEqual(self.get("out.mkv").read_bytes(), here)

    def test_a_store_that_is_away_for_a_while_is_waited_for(self):
        self.be_away(6)

    def test_a_store_that_stays_away_is_said_and_may_be_tried_again(self):
        proxy = self.behind()
        proxy.go_away()
        self.more["IMPASTO_STORE_PATIENCE"] = "2"
        begun = time.monotonic()
        told = self.paint_in_store(self.uri("film.mp4"), self.outputs / "out.mkv", rc=UNAVAILABLE)
        self.assertIn(f"the store of '{self.uri('film.mp4')}' could not be reached", told.err)
        self.assertLess(time.monotonic() - begun, 20)

    def test_whoever_waits_for_a_store_can_be_stopped(self):
        proxy = self.behind()
        source = self.put("film.mp4", self.film())
        process = self.begin("paint", source, "--style", STYLE, "-o", self.uri("out.mkv"),
                             "--progress", "none")
        self.wait_for(lambda: any("plan.json" in name for name in self.names()))
        proxy.go_away()
        time.sleep(1)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
        self.said.append(told)
        self.assertEqual(process.returncode, INTERRUPTED, told)
        self.assertLess(time.monotonic() - begun, 10)

    def test_what_cannot_be_done_is_said_in_a_sentence(self):
        here = self.clip("clip.mp4")
        absent = self.paint_in_store(self.uri("none.mp4"), self.outputs / "x.mp4", rc=BAD_INPUT)
        self.assertIn("none.mp4", absent.err)
        bucket = f"{self.server.root('no-such-bucket')}/x.mp4"
        for target in (bucket, self.uri("folder/")):
            told = self.paint_in_store(here, target, rc=BAD_INPUT if target == bucket else 0)
            if target == bucket:
                self.assertRegex(told.err, "there is no (bucket|container)")
        self.assertEqual(self.names(), ["folder/clip.mp4"])
        self.do("work", self.uri("nowhere"), rc=BAD_INPUT)
        odd = self.paint_in_store(here, "gopher://host/x.mp4", rc=USAGE)
        self.assertIn('"gopher://" is not known', odd.err)

    def test_credentials_in_a_uri_are_refused_and_not_repeated(self):
        here = self.clip("clip.mp4")
        scheme = self.server.scheme
        for uri in (f"{scheme}://me:hush-hush@films/x.mp4",
                    f"{scheme}://films/x.mp4?sv=2021&sig=hush-hush",
                    f"{scheme}://films/x.mp4?X-Amz-Signature=hush-hush",
                    f"{scheme}://films/x.mp4?access_key=a&secret_key=hush-hush"):
            told = self.paint_in_store(here, uri, rc=USAGE)
            self.assertIn("holds credentials", told.err)
            self.assertNotIn("hush-hush", told.err + told.out)

    def test_a_film_is_not_read_whole_for_a_part_of_it(self):
        path = self.folder / "long.mkv"
        ffmpeg(*lavfi("testsrc2=s=320x240:r=25,noise=alls=60:allf=t"), "-t", "60", "-c:v",
               "libx264", "-preset", "ultrafast", "-b:v", "4M", "-g", "50", path)
        source = self.put("long.mkv", path)
        proxy = self.behind()
        self.paint_in_store(source, self.outputs / "part.mkv", "--start", "30", "--duration", "1")
        self.assertEqual(len(frame_times(self.outputs / "part.mkv")), 25)
        self.assertLess(proxy.received, path.stat().st_size / 4)
