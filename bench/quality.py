"""How good: whole numbers against float32, and how steady paintings are along true motion."""

import json
import re
import statistics

from figures import Figure, print_table
from speed import Section
from workbench import LOSSLESS, SHARED, STYLE, STYLES


class Precision(Section):
    """Films painted in whole numbers against the same in float32, by the same calibration."""

    name = "precision"
    rounds = False

    def prepare(self):
        quick = self.bench.plan["quick"]
        self.styles = [STYLE] if quick else STYLES
        sources = [("city", self.bench.demo_clip(), "4.2")]  # with a cut in its middle
        if not quick:
            sources += [(name, SHARED / f"media/video/{name}.mp4", "1")
                        for name in ("flower", "friday")]
        frames = self.bench.plan["quality_frames"]
        height = "360" if quick else "720"
        self.clips = {
            name: self.bench.make(f"{name}-{height}-{frames}-lossless.mkv", "-ss", start, "-i",
                                  source, "-an", "-vf", f"scale=-2:{height}:flags=lanczos",
                                  "-frames:v", frames, *LOSSLESS)
            for name, source, start in sources if source.exists()}

    def measure(self):
        for style in self.styles:
            for name, clip in self.clips.items():
                self.results.add(f"psnr {style} {name}", self.psnr(
                    self.painted(style, clip, "int8"), self.painted(style, clip, "f32")))

    def painted(self, style, clip, precision):
        target = self.bench.folder / f"precision-{precision}.mkv"
        self.bench.paint(clip, "--codec", "ffv1", "--precision", precision, style=style,
                         target=target)
        return target

    def psnr(self, painted, exact):
        told = self.bench.errors("ffmpeg", "-nostdin", "-i", painted, "-i", exact, "-lavfi",
                                 "psnr", "-f", "null", "-")
        return float(re.search(r"PSNR .*average:([\d.]+)", told)[1])

    def figures(self):
        worst = min(self.results[f"psnr {style} {name}"][0]
                    for style in self.styles for name in self.clips)
        return [Figure(f"int8 against folded f32, the worst of {len(self.styles)} styles on "
                       f"{len(self.clips)} clips", [worst], "dB", wanted=37)]

    def tell(self):
        print("\nPSNR of int8 against folded f32, dB:")
        print_table(["", *self.clips],
                    [[style, *(f"{self.results[f'psnr {style} {name}'][0]:.1f}"
                               for name in self.clips)] for style in self.styles])


class Warping(Section):
    """Warping error along the true motion of MPI-Sintel, of our styles and of others' nets."""

    name = "warping"
    rounds = False

    def prepare(self):
        self.scenes = {}
        flow = SHARED / "media/flow/sintel"
        for scene in sorted(flow.iterdir()) if flow.is_dir() else ():
            clip = self.bench.folder / f"{scene.name}.mkv"
            self.bench.run("ffmpeg", "-v", "error", "-nostdin", "-framerate", "24", "-i",
                           scene / "final/frame_%04d.png", *LOSSLESS, clip)
            self.scenes[scene.name] = (clip, scene)
        self.styles = STYLES[:2] if self.bench.plan["quick"] else STYLES
        self.others = []
        for net in sorted((SHARED / "models/thirdparty").glob("*.onnx")):
            name = "bench-" + net.stem.split("_")[0]
            self.bench.impasto("styles", "import", net, "--name", name)
            self.others.append(name)

    def measure(self):
        for scene in self.scenes:
            for style in (*self.styles, *self.others):
                self.error("live", style, scene, "--live-norm", "--stability", "off")
            for style in self.styles:
                self.error("high", style, scene, "--stability", "high")

    def error(self, way, style, scene, *options):
        """Mean square error in 0..1, in thousandths, over places that are seen in both frames."""
        clip, flow = self.scenes[scene]
        painted = self.bench.folder / "warping.mkv"
        self.bench.paint(clip, "--codec", "ffv1", *options, style=style, target=painted)
        told = json.loads(self.bench.impasto("measure", "video", painted, "--source", clip,
                                             "--flow", flow, "--json", "--progress", "none"))
        self.results.add(f"warping {way} {style} {scene}",
                         1000 * told["overall"]["warping_error"]["mse"])

    def mean(self, way, styles, scenes=None):
        return statistics.mean(self.results[f"warping {way} {style} {scene}"][0]
                               for style in styles for scene in scenes or self.scenes)

    def figures(self):
        if not self.scenes:
            return []
        high = [self.mean("high", self.styles)]
        what = (f"warping error, mean of {len(self.styles)} styles and {len(self.scenes)} scenes, "
                "stability high")
        peers = [("the same painted live, frame by frame", self.styles, 0.4)]
        if self.others:
            peers.append((f"{len(self.others)} imported nets, live", self.others, 0.3))
        return [Figure(what, high, "/ 1000", against, [self.mean("live", styles)], wanted=wanted,
                       at_most=True, digits=2) for against, styles, wanted in peers]

    def tell(self):
        if not self.scenes:
            print("\nWarping error: not measured, there is no ground truth here.")
            return
        print("\nWarping error, MSE in thousandths: live / stability high (times):")
        rows = []
        for style in (*self.styles, *self.others):
            rows.append(self.row(style.removeprefix("bench-"), [style]))
        rows.append(self.row("mean of our styles", self.styles))
        if self.others:
            rows.append(self.row("mean of imported nets", self.others))
        print_table(["", *self.scenes], rows)

    def row(self, name, styles):
        cells = []
        for scene in self.scenes:
            live = self.mean("live", styles, [scene])
            cells.append(f"{live:.2f}")
            if set(styles) <= set(self.styles):
                high = self.mean("high", styles, [scene])
                cells[-1] += f" / {high:.2f} ({high / live:.2f})"
        return [name, *cells]
