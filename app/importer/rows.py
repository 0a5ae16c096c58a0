"""What the readers of files have in common: rows with their places, and bounds of what is read."""

from collections.abc import Callable
from typing import NamedTuple

MAX_CELL = 1_000_000
"""Characters of a cell."""
MAX_COLUMNS = 2_000

Progress = Callable[[str, int, int], None]
"""Called with the stage ("reading" in bytes or rows, "recording" in rows), how much of it is done and how much there
is."""


class Line(NamedTuple):
    """A row of the file and the line where it begins; the header is line 1."""

    number: int
    values: list[str]


def no_progress(_stage: str, _done: int, _total: int) -> None:
    """For callers that show none."""
