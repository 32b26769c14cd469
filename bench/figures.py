"""What was measured, round by round, and the table that holds it against what is wanted."""

import dataclasses
import statistics


class Rounds:
    """Every value of every round, by name. In one round nothing is measured twice."""

    def __init__(self):
        self.values = {}
        self.round = 0

    def has(self, key):
        return len(self.values.get(key, [])) > self.round

    def add(self, key, value):
        self.values.setdefault(key, []).append(value)

    def measure(self, key, how):
        """Adds what `how` gives, a number, unless somebody has measured that in this round."""
        if not self.has(key):
            self.add(key, how())

    def __getitem__(self, key):
        return self.values[key]

    def median(self, key):
        return statistics.median(self.values[key])

    def best(self, keys):
        """That of the keys with the highest median."""
        return max(keys, key=self.median)


def spread(values, digits=1):
    """The median and, of several values, their range."""
    middle = f"{statistics.median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}f}–{max(values):.{digits}f})"


@dataclasses.dataclass
class Figure:
    """One line of the table. Values of one round belong together: their ratio is that round's."""

    what: str
    values: list
    unit: str = "frames/s"
    against: str = ""
    peer: list = dataclasses.field(default_factory=list)
    wanted: float = None
    at_most: bool = False  # the wanted number is a ceiling
    digits: int = 1

    def ratios(self):
        if len(self.peer) == len(self.values):
            return [value / peer for value, peer in zip(self.values, self.peer)]
        return [statistics.median(self.values) / statistics.median(self.peer)]

    def judged(self):
        """The number that counts: the ratio where there is a peer, else the value."""
        return statistics.median(self.ratios() if self.peer else self.values)

    def met(self):
        if self.wanted is None:
            return ""
        good = self.judged() <= self.wanted if self.at_most else self.judged() >= self.wanted
        return "yes" if good else "**no**"

    def row(self):
        measured = f"{spread(self.values, self.digits)} {self.unit}"
        against = f"{self.against}: {spread(self.peer, self.digits)}" if self.peer else ""
        ratio = spread(self.ratios(), 2) if self.peer else ""
        wanted = "" if self.wanted is None else f"{'≤' if self.at_most else '≥'} {self.wanted:g}"
        return f"| {self.what} | {measured} | {against} | {ratio} | {wanted} | {self.met()} |"


def print_figures(figures):
    print("\n| what | measured | against | times | wanted | met |")
    print("|---|---|---|---:|---:|---|")
    for figure in figures:
        print(figure.row())


def print_table(heads, rows):
    print("\n| " + " | ".join(heads) + " |")
    print("|---" + "|---:" * (len(heads) - 1) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
