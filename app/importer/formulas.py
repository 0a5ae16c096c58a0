"""Cells that a spreadsheet would take for a formula: written with an apostrophe in front, and read without it."""

from collections.abc import Iterable

STARTS = ("=", "+", "-", "@", "\t", "\r")
_MARKED = tuple(f"'{start}" for start in STARTS)


def neutralised(cells: Iterable[str]) -> list[str]:
    """Cells that no spreadsheet takes for a formula."""
    return [f"'{cell}" if cell.startswith(STARTS) else cell for cell in cells]


def as_meant(cells: Iterable[str]) -> list[str]:
    """The cells as they were before `neutralised`, so that a list of rows left out can be mended and sent again."""
    return [cell[1:] if cell.startswith(_MARKED) else cell for cell in cells]
