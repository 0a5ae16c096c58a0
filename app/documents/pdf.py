"""Filled documents as PDF. The same document gives the same bytes, whenever and wherever it is made.

The fonts come with the service, so that nothing depends on those of the machine. They have Latin, Cyrillic, Greek and
more; a letter that they lack is shown as an empty box.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from functools import cache, partial
from hashlib import sha256
from importlib.resources import as_file, files
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.sax.saxutils import escape

from app.documents.layout import Block, Heading, Paragraph, Point, Rows, Rule, blocks
from domain.documents.filled import Filled, Rendered

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus.flowables import Flowable

REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
MARGIN, TOP, BOTTOM = 56, 56, 62
PADDING = 6
"""In points, of which 72 are an inch."""
SIZE, LEADING = 10, 15
_HEADINGS = {1: 17, 2: 13, 3: 11}
_GREY, _PALE = "#8A93A0", "#EEF1F5"
_FIGURE = re.compile(r"[-+]?[\d\s\u00a0]+([.,]\d+)?%?")
_LONG_WORD = re.compile(r"\S{60}(?=\S)")
"""Words are broken that no line has room for."""
_ROOM_BELOW_A_HEADING = 80
_CELL_PADDING, _MOST_LETTERS = 13, 60
_NARROWEST = _CELL_PADDING + 12
"""Room for one letter, however wide; the most columns that a table may have are less than half a page of it."""
_ONE_AT_A_TIME = threading.Lock()


class Pages(NamedTuple):
    """A PDF; `facts` says what a decision has to know of it."""

    content: bytes
    facts: Rendered


def put_on_pages(document: Filled) -> Pages:
    """The document as PDF. It takes milliseconds to a second of processor time: call it in a thread."""
    from reportlab.platypus.doctemplate import LayoutError  # noqa: PLC0415 - its megabytes are for those who need it

    try:
        with _ONE_AT_A_TIME:
            content, pages = _pdf(document)
    except (LayoutError, ValueError):  # ValueError is said of a cell that has no room for its text
        return Pages(b"", Rendered("", 0, None))
    return Pages(content, Rendered(sha256(content).hexdigest(), len(content), pages))


def _pdf(document: Filled) -> tuple[bytes, int]:
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.platypus import SimpleDocTemplate  # noqa: PLC0415

    _register_fonts()
    target = BytesIO()
    template = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=document.title,
        invariant=1,
        pageCompression=1,
    )
    flow = [flowable for block in blocks(document.text) for flowable in _flowables(block, template.width - 2 * PADDING)]
    footed = partial(_foot, title=document.title)
    template.build(flow or [_text("\u00a0")], onFirstPage=footed, onLaterPages=footed)
    return target.getvalue(), template.page


@cache
def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415

    for name in (REGULAR, BOLD):
        with as_file(files("app.documents") / "fonts" / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))  # pyright: ignore[reportUnknownMemberType]


def _foot(canvas: "Canvas", template: Any, title: str) -> None:
    canvas.saveState()
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(_GREY)
    canvas.drawString(MARGIN + PADDING, BOTTOM / 2, title[:90])
    canvas.drawRightString(template.pagesize[0] - MARGIN - PADDING, BOTTOM / 2, str(template.page))
    canvas.restoreState()


def _flowables(block: Block, width: float) -> "Iterator[Flowable]":
    from reportlab.platypus.flowables import CondPageBreak, HRFlowable  # noqa: PLC0415

    match block:
        case Heading(level, text):
            yield CondPageBreak(_ROOM_BELOW_A_HEADING)
            yield _text(text, _style(font=BOLD, size=_HEADINGS[level], before=LEADING * 0.6))
        case Paragraph(text):
            yield _text(text)
        case Point(text):
            yield _text(text, _style(indent=14), bullet="•")
        case Rule():
            yield HRFlowable(width="100%", color=_GREY, thickness=0.6, spaceBefore=4, spaceAfter=8)
        case Rows(rows):
            yield _table(rows, width)


def _text(text: str, style: "ParagraphStyle | None" = None, bullet: str | None = None) -> "Flowable":
    from reportlab.platypus import Paragraph as Flowing  # noqa: PLC0415

    broken = _LONG_WORD.sub(r"\g<0> ", text)
    return Flowing(escape(broken).replace("\n", "<br/>"), style or _style(), bulletText=bullet)


@cache
def _style(
    font: str = REGULAR,
    size: int = SIZE,
    before: float = 0,
    after: float = 6,
    indent: float = 0,
    *,
    right: bool = False,
) -> "ParagraphStyle":
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT  # noqa: PLC0415
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415

    return ParagraphStyle(
        f"{font} {size} {before} {after} {indent} {right}",
        fontName=font,
        bulletFontName=REGULAR,
        fontSize=size,
        leading=size * LEADING / SIZE,
        spaceBefore=before,
        spaceAfter=after,
        leftIndent=indent,
        alignment=TA_RIGHT if right else TA_LEFT,
    )


def _table(rows: Sequence[Sequence[str]], width: float) -> "Flowable":
    from reportlab.platypus import Table, TableStyle  # noqa: PLC0415

    figures = [_is_of_figures([row[column] for row in rows[1:]]) for column in range(len(rows[0]))]
    head = [_text(cell, _style(BOLD, 9, after=0, right=right)) for cell, right in zip(rows[0], figures, strict=True)]
    body = [
        [_text(cell, _style(size=9, after=0, right=right)) for cell, right in zip(row, figures, strict=True)]
        for row in rows[1:]
    ]
    table = Table(
        [head, *body], _widths(rows, figures, width), repeatRows=1, splitInRow=1, spaceBefore=4, spaceAfter=10
    )
    table.setStyle(
        TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _PALE),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _GREY),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 4),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return table


def _is_of_figures(cells: Sequence[str]) -> bool:
    said = [cell for cell in cells if cell]
    return bool(said) and all(map(_FIGURE.fullmatch, said))


def _widths(rows: Sequence[Sequence[str]], figures: Sequence[bool], width: float) -> list[float]:
    """Each column has room for its longest word; what is left goes to those with the longest texts, few to figures.

    Where the words have no room beside each other, the longer ones are broken: each column has room for a letter.
    """
    columns = list(zip(*rows, strict=True))
    least = [max(_NARROWEST, max(map(_word_width, column)) + _CELL_PADDING) for column in columns]
    longest = [min(max(map(len, column)) + 1, _MOST_LETTERS) for column in columns]
    wanted = [1 if is_figure else letters for is_figure, letters in zip(figures, longest, strict=True)]
    left = width - sum(least)
    if left < 0:
        narrowed = 1 + left / (sum(least) - _NARROWEST * len(least))
        return [_NARROWEST + narrowed * (each - _NARROWEST) for each in least]
    return [each + left * letters / sum(wanted) for each, letters in zip(least, wanted, strict=True)]


def _word_width(text: str) -> float:
    from reportlab.pdfbase.pdfmetrics import stringWidth  # noqa: PLC0415

    words = re.split(r"[ \n]", _LONG_WORD.sub(r"\g<0> ", text))
    return max((stringWidth(word, BOLD, 9) for word in words), default=0)
