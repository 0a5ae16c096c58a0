"""The table that a run of the benchmarks prints, in Markdown, so that it can stand in the README as it is."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Line(NamedTuple):
    """A measurement: what, its figure, and what it is a ratio of."""

    what: str
    figure: str
    ratio: str = ""


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table."""
    head = ["| measured | figure | ratio |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {line.what} | {line.figure} | {line.ratio} |" for line in lines)])


def ratio(mine: Sequence[float], others: Sequence[float]) -> float:
    """The median of the ratios, pair by pair: both sides of a pair were measured right after each other."""
    return median(one / other for one, other in zip(mine, others, strict=True))
