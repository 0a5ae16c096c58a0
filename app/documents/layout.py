"""The text of a filled template as blocks: headings, paragraphs, points of lists, tables and rules.

Marks stand at the beginning of a line: ``#`` and ``##`` for headings, ``-`` for a point, ``|`` for a row of a table, of
which the first one is its head, ``---`` for a rule. An empty line ends a paragraph; so does ``|`` alone a table. What a
backslash stands before is no mark.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.documents.filled import LINE_BREAK

MOST_COLUMNS = 12
_HEADING = re.compile(r"(#{1,3}) +(.*)")
_POINT = re.compile(r"- +(.*)")
_RULE = re.compile(r"-{3,}")
_CELL_BORDER = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_ESCAPE = re.compile(r"\\([\\|#-])")


class Heading(NamedTuple):
    """A heading: 1 for the largest."""

    level: int
    text: str


class Paragraph(NamedTuple):
    """A paragraph."""

    text: str


class Point(NamedTuple):
    """A point of a list."""

    text: str


class Rule(NamedTuple):
    """A line across the page."""


class Rows(NamedTuple):
    """A table; its first row is the head. All rows have as many cells."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Point | Rule | Rows


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in order; a line break in a value is one in the text of its block."""
    return list(_joined(_pieces(text)))


def _pieces(text: str) -> Iterator[Block | None]:
    """Each line as a block; None for an empty one."""
    for line in map(str.strip, text.split("\n")):
        if not line:
            yield None
        elif line.startswith("|"):
            yield Rows((_cells(line),)) if line.strip("| ") or "|" in line[1:] else None
        elif _RULE.fullmatch(line):
            yield Rule()
        elif heading := _HEADING.fullmatch(line):
            yield Heading(len(heading[1]), _plain(heading[2]))
        elif point := _POINT.fullmatch(line):
            yield Point(_plain(point[1]))
        else:
            yield Paragraph(_plain(line))


def _joined(pieces: Iterable[Block | None]) -> Iterator[Block]:
    """Lines that follow each other are one paragraph, rows one table."""
    open_block: Block | None = None
    for piece in pieces:
        match open_block, piece:
            case Paragraph(before), Paragraph(text):
                open_block = Paragraph(f"{before} {text}")
            case Rows(before), Rows(rows):
                open_block = Rows(before + rows)
            case _:
                if open_block is not None:
                    yield _squared(open_block)
                open_block = piece
    if open_block is not None:
        yield _squared(open_block)


def _squared(block: Block) -> Block:
    """A table with as many cells in each row."""
    if not isinstance(block, Rows):
        return block
    width = max(map(len, block.rows))
    return Rows(tuple((*row, *[""] * (width - len(row))) for row in block.rows))


def _cells(line: str) -> tuple[str, ...]:
    """The cells of a row, between the borders at both ends; what goes beyond the last column is in it too."""
    borders = [match.end() - 1 for match in _CELL_BORDER.finditer(line)]
    ends = [*borders[1:], *([len(line)] if borders[-1] < len(line) - 1 else [])]
    cells = [line[start + 1 : end].strip() for start, end in zip(borders, ends, strict=False)]
    shown = [*cells[: MOST_COLUMNS - 1], " ".join(cells[MOST_COLUMNS - 1 :])] if len(cells) > MOST_COLUMNS else cells
    return tuple(map(_plain, shown))


def _plain(text: str) -> str:
    """The text without what escapes marks, and with its line breaks."""
    return _ESCAPE.sub(r"\1", text).replace(LINE_BREAK, "\n")


def read_aloud(text: str) -> str:
    """The text as it reads without marks: a line per block, cells with a bar between."""
    return "\n".join(_line(block) for block in blocks(text))


def _line(block: Block) -> str:
    match block:
        case Heading(_, text) | Paragraph(text) | Point(text):
            return text
        case Rule():
            return "---"
        case Rows(rows):
            return "\n".join(" | ".join(row) for row in rows)
