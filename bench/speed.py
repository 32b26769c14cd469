"""How fast: the network alone beside its peers, whole films beside what their parts allow."""

import re

from figures import Figure, print_table, spread
from workbench import PEERS, ROOT, SIZES, STYLE

STYLE_FILE = ROOT / "styles" / STYLE / "style.onnx"
TIMED = ("720p", "1080p")
WAYS = {"together": "all cores on a picture", "apart": "a picture a core"}


class Section:
    """A part of the benchmark. `measure` runs once a round, or once where `rounds` is False."""

    rounds = True

    def __init__(self, bench, rounds):
        self.bench = bench
        self.results = rounds

    def prepare(self):
        """What takes time and is not measured."""

    def measure(self):
        raise NotImplementedError

    def figures(self):
        return []

    def tell(self):
        """Prints what does not fit the table of figures."""

    # -- what several sections measure ------------------------------------------------------------

    def network(self, size, precision, style_file=STYLE_FILE, name="network"):
        key = f"{name} {size} {precision}"
        if not self.results.has(key):
            told = self.bench.network(style_file, size, precision)
            self.results.add(key, told["fps"])
            self.results.add(f"{key} core-ms", 1000 * told["core_seconds_a_frame"])
        return key

    def onnxruntime(self, size, way, net=STYLE_FILE, name="onnxruntime", patience=1):
        key = f"{name} {size} {way}"
        self.results.measure(key, lambda: self.bench.peer(
            "onnxruntime_speed.py", net, *SIZES[size], patience * self.bench.plan["seconds"],
            way)["fps"])
        return key

    def best_onnxruntime(self, size, name):
        """Values and words of ONNX Runtime's better way of using the cores."""
        way = max(WAYS, key=lambda way: self.results.median(f"{name} {size} {way}"))
        return self.results[f"{name} {size} {way}"], WAYS[way]

    def paint(self, size, *options):
        """From start to end of the program; also without its start-up."""
        key = " ".join(("paint", size, *options))
        if not self.results.has(key):
            frames = self.bench.plan["frames"][size]
            if "f32" in options:
                frames = max(frames // 4, 1)
            cost, report = self.bench.paint(self.bench.clip(size, frames), *options)
            self.results.add(key, frames / cost.seconds)
            begun = cost.seconds - report["seconds_until_first_frame"]
            self.results.add(f"{key} begun", frames / begun)
        return key

    def native(self):
        """The network at the size of the frames, as network_bench runs it."""
        return ("--stroke", "native") if self.bench.knows("--stroke") else ()


class Network(Section):
    """Our network and ONNX Runtime on the same net."""

    name = "network"

    def measure(self):
        for size in TIMED:
            for precision in self.bench.plan["precisions"]:
                self.network(size, precision)
            for way in WAYS:
                self.onnxruntime(size, way)

    def tell(self):
        rows = [(f"network alone, {p}", f"network {{}} {p}")
                for p in self.bench.plan["precisions"]]
        rows += [(f"ONNX Runtime f32, {words}", f"onnxruntime {{}} {way}")
                 for way, words in WAYS.items()]
        print(f"\nThe same net ({STYLE}), frames a second:")
        table = []
        for title, key in rows:
            row = [title]
            for size in TIMED:
                peer, _ = self.best_onnxruntime(size, "onnxruntime")
                figure = Figure("", self.results[key.format(size)], peer=peer)
                row += [spread(figure.values), spread(figure.ratios(), 2)]
            table.append(row)
        heads = [head for size in TIMED for head in (size, "× ONNX Runtime")]
        print_table(["", *heads], table)


class Johnson(Section):
    """The net that feed-forward style transfer is known by, and what becomes of it here."""

    name = "johnson"
    size = "720p"

    def prepare(self):
        self.net = self.bench.folder / "johnson.onnx"
        self.bench.run_peer(ROOT / "bench/peers/johnson.py", self.net)
        self.bench.impasto("styles", "import", self.net, "--name", "bench-johnson")
        self.imported = self.bench.imported / "bench-johnson/style.onnx"

    def measure(self):
        self.network(self.size, "int8")
        self.network(self.size, "int8", self.imported, "johnson imported")
        for way in WAYS:
            self.onnxruntime(self.size, way, self.net, "johnson onnxruntime", patience=3)

    def figures(self):
        peer, way = self.best_onnxruntime(self.size, "johnson onnxruntime")
        against = f"ONNX Runtime f32 on Johnson's net, {way}"
        return [
            Figure(f"network alone, {STYLE}, {self.size} int8",
                   self.results[f"network {self.size} int8"], against=against, peer=peer,
                   wanted=25, digits=2),
            Figure(f"Johnson's net imported, {self.size} int8 folded",
                   self.results[f"johnson imported {self.size} int8"], against=against, peer=peer,
                   wanted=4.5, digits=2)]


class Nncf(Section):
    """The same net quantised by NNCF and driven by OpenVINO's benchmark_app."""

    name = "nncf"
    size = "720p"

    def prepare(self):
        self.net = self.bench.folder / "nncf.xml"
        self.bench.peer("quantise_with_nncf.py", STYLE_FILE, self.bench.demo_clip(),
                        *SIZES[self.size], self.bench.plan["calibration_pictures"], self.net)

    def measure(self):
        self.network(self.size, "int8")
        self.results.measure(f"nncf {self.size}", self.benchmark_app)

    def benchmark_app(self):
        width, height = SIZES[self.size]
        told = self.bench.run_peer(
            PEERS / "bin/benchmark_app", "-m", self.net, "-d", "CPU", "-hint", "throughput",
            "-t", max(int(self.bench.plan["seconds"]), 1), "-shape", f"[1,3,{height},{width}]")
        self.told = {name: re.search(rf"{name}: (?:<Type: ')?(\w+)", told)[1] for name in
                     ("NUM_STREAMS", "INFERENCE_NUM_THREADS", "INFERENCE_PRECISION_HINT")}
        return float(re.search(r"Throughput: *([\d.]+) FPS", told)[1])

    def figures(self):
        against = (f"OpenVINO int8 by NNCF, benchmark_app, {self.told['NUM_STREAMS']} streams, the "
                   f"rest {self.told['INFERENCE_PRECISION_HINT']}")
        return [Figure(f"network alone, {STYLE}, {self.size} int8",
                       self.results[f"network {self.size} int8"], against=against,
                       peer=self.results[f"nncf {self.size}"], wanted=1.0)]


class Paint(Section):
    """Whole films, from start to end of the program."""

    name = "paint"

    def variants(self):
        """Title and options: each precision at the frame's own size, then what nobody asks for."""
        for precision in self.bench.plan["precisions"]:
            yield f"`impasto paint`, {precision}", ("--precision", precision, *self.native())
        yield "`impasto paint`, as it comes", ()

    def prepare(self):
        for size in TIMED:
            for _, options in self.variants():  # compile before the first round
                self.bench.paint(self.bench.clip(size, self.bench.plan["frames"][size]),
                                 "--duration", "0.03", *options)

    def measure(self):
        for size in TIMED:
            for _, options in self.variants():
                self.paint(size, *options)
        one_frame = self.bench.clip("720p", self.bench.plan["frames"]["720p"])
        empty = self.bench.folder / f"cache-{self.results.round}"
        for key in ("first frame cold", "first frame warm"):
            self.results.measure(key, lambda: self.bench.paint(
                one_frame, "--duration", "0.03", cache=empty)[0].seconds)

    def tell(self):
        print("\nWhole films, h264, frames a second from start to end of the program:")
        print_table(["", *TIMED], [
            [title, *(spread(self.results[" ".join(("paint", size, *options))]) for size in TIMED)]
            for title, options in self.variants()])
        print(f"\nOne painted frame at 720p, from start to end of the program: "
              f"{spread(self.results['first frame warm'], 2)} s; where the style was never "
              f"compiled: {spread(self.results['first frame cold'], 2)} s")


class Parts(Section):
    """A whole painting beside what decoder, network and encoder, measured apart, leave room for."""

    name = "parts"
    size = "720p"

    def options(self):
        return ("--precision", "int8", *self.native())

    def prepare(self):
        self.frames = self.bench.plan["frames"][self.size]
        self.clip = self.bench.clip(self.size, self.frames)
        self.coded = min(self.frames, 240)  # frames; uncompressed, they take room
        painted = self.bench.folder / "painted.mkv"
        _, report = self.bench.paint(self.bench.clip(self.size, self.coded), *self.options(),
                                     "--codec", "ffv1", target=painted)
        self.raw = self.bench.folder / "painted.y4m"
        self.bench.run("ffmpeg", "-v", "error", "-nostdin", "-i", painted, self.raw)
        self.format = report["painted"]["pixel_format"]
        _, report = self.bench.paint(self.clip, "--duration", "0.03", *self.options())
        self.encoder = report["painted"]["encoder"]  # "libx264 crf 18 superfast"

    def ffmpeg(self, *words):
        return self.bench.cost("ffmpeg", "-v", "error", "-nostdin", *words).core_seconds

    def decoding(self):
        return 1000 * self.ffmpeg("-threads", "1", "-i", self.clip, "-f", "null", "-") / self.frames

    def encoding(self):
        codec, _, quality, preset = self.encoder.split()
        reading = self.ffmpeg("-i", self.raw, "-c", "copy", "-f", "null", "-")
        whole = self.ffmpeg("-y", "-i", self.raw, "-c:v", codec, "-crf", quality, "-preset",
                            preset, "-pix_fmt", self.format, self.bench.folder / "encoded.mp4")
        return 1000 * (whole - reading) / self.coded

    def measure(self):
        network = self.network(self.size, "int8")
        self.results.measure("decode core-ms", self.decoding)
        self.results.measure("encode core-ms", self.encoding)
        self.whole = self.paint(self.size, *self.options())
        self.results.measure("parts allow", lambda: 1000 * self.bench.cores / sum(
            self.results[key][-1]
            for key in ("decode core-ms", f"{network} core-ms", "encode core-ms")))

    def figures(self):
        against = "what decoder, network and encoder allow"
        allowed = self.results["parts allow"]
        what = f"whole `paint`, {self.size} int8, stability off"
        return [
            Figure(what, self.results[self.whole], against=against, peer=allowed, wanted=0.92),
            Figure(f"{what}, without start-up", self.results[f"{self.whole} begun"],
                   against=against, peer=allowed),
            Figure(what, self.results[self.whole], against="the network alone",
                   peer=self.results[f"network {self.size} int8"], wanted=round(15 / 27, 3))]

    def tell(self):
        keys = {"decode": "decode core-ms", "network": f"network {self.size} int8 core-ms",
                f"encode ({self.encoder})": "encode core-ms"}
        print(f"\nCore-milliseconds a frame at {self.size}, measured apart: " + ", ".join(
            f"{name} {spread(self.results[key])}" for name, key in keys.items())
            + f"; on {self.bench.cores} cores")


class Stability(Section):
    """What steadiness costs."""

    name = "stability"
    size = "720p"

    def measure(self):
        for level in ("off", "low", "high"):
            self.paint(self.size, *self.options(level))

    def options(self, level):
        steady = () if level == "off" else ("--stability", level)
        return ("--precision", "int8", *self.native(), *steady)

    def figures(self):
        values = {level: self.results[" ".join(("paint", self.size, *self.options(level)))]
                  for level in ("off", "low", "high")}
        return [Figure(f"whole `paint`, {self.size} int8, stability {level}", values[level],
                       against="stability off", peer=values["off"], wanted=wanted)
                for level, wanted in (("low", 0.67), ("high", None))]
