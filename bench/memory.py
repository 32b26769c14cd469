"""How much memory: films of several lengths, and frames of 4K and 8K."""

from figures import Figure
from speed import Section
from workbench import SIZES

MEGA = 1e6


class Memory(Section):
    """Peak memory of the whole program; large frames as they come and at their own size."""

    name = "memory"
    rounds = False

    def measure(self):
        for frames in self.bench.plan["lengths"]:
            self.peak(f"1080p {frames}", "1080p", frames)
        for size in self.bench.plan["large"]:
            frames = self.bench.plan["frames"][size]
            for way, options in self.ways().items():
                self.peak(f"{size} {way}", size, frames, *options)

    def ways(self):
        if not self.bench.knows("--stroke"):
            return {"as it comes": ()}
        return {"as it comes": (), "--stroke native --tile auto":
                ("--stroke", "native", "--tile", "auto")}

    def peak(self, key, size, frames, *options):
        if self.results.has(f"memory {key}"):
            return
        cost, _ = self.bench.paint(self.bench.clip(size, frames), *options)
        self.results.add(f"memory {key}", cost.peak / MEGA)
        self.results.add(f"memory {key} speed", frames / cost.seconds)

    def figures(self):
        found = [Figure(f"peak memory, 1080p, {frames} frames",
                        self.results[f"memory 1080p {frames}"], "MB", digits=0)
                 for frames in self.bench.plan["lengths"]]
        for size in self.bench.plan["large"]:
            for way in self.ways():
                key = f"memory {size} {way}"
                width, height = SIZES[size]
                speed = self.results[f"{key} speed"][0]
                found.append(Figure(
                    f"peak memory, {width}x{height}, {way} ({speed:.2f} frames/s with start-up)",
                    self.results[key], "MB", wanted=2000, at_most=True, digits=0))
        return found
