"""Documents on pages: what the marks mean, that Russian is readable, and that the bytes are always the same."""

import subprocess
import sys
from importlib.resources import files
from typing import Any

import pypdfium2
import pytest

from app.documents.layout import Heading, Paragraph, Point, Rows, Rule, blocks, read_aloud
from app.documents.pdf import put_on_pages
from domain.documents.filled import Filled, escaped

OFFER = Filled(
    "Коммерческое предложение № 17",
    "# Предложение для ООО «Северная сталь»\n\n---\n\n"
    "| № | Наименование | Сумма, ₽ |\n| 1 | Труба | 2 300,00 |\n\n- Ёжик, съёмка\n\nИтого 2 300,00 ₽ <b>",
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# A\n## B\n### C", [Heading(1, "A"), Heading(2, "B"), Heading(3, "C")]),
        ("#A\n-b", [Paragraph("#A -b")]),
        ("a\nb\n\nc", [Paragraph("a b"), Paragraph("c")]),
        ("- a\n- b", [Point("a"), Point("b")]),
        ("---", [Rule()]),
        ("| a | b |\n| c |", [Rows((("a", "b"), ("c", "")))]),
        ("|a|b", [Rows((("a", "b"),))]),
        ("|a|\n\n|b|", [Rows((("a",),)), Rows((("b",),))]),
        ("|" + "x|" * 14, [Rows((("x",) * 11 + ("x x x",),))]),
        ("|", []),
        ("\\# a \\| b \\\\", [Paragraph("# a | b \\")]),
        (escaped("# a\n- b | c\\"), [Paragraph("# a\n- b | c\\")]),
        (f"| {escaped('a|b')} | {escaped('c')} |", [Rows((("a|b", "c"),))]),
        (f"| {escaped('ends so' + chr(92))} | c |", [Rows((("ends so\\", "c"),))]),
    ],
)
def test_marks(text: str, expected: list[Any]) -> None:
    assert blocks(text) == expected


def test_read_aloud() -> None:
    assert read_aloud("# A\n\n| b | c |\n| d | e |\n---\n- f") == "A\nb | c\nd | e\n---\nf"


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_russian_is_readable() -> None:
    pages = put_on_pages(OFFER)
    text = " ".join(text_of(pages.content).split())
    for part in ("ООО «Северная сталь»", "Наименование", "2 300,00 ₽ <b>", "Ёжик, съёмка", "предложение № 17 1"):
        assert part in text
    assert (pages.facts.pages, pages.facts.size) == (1, len(pages.content))


def test_the_letters_are_drawn() -> None:
    """Not as empty boxes: the glyph of each letter differs from that of a letter that no font has."""
    assert drawn("Ж") != drawn("\U000105c0") == drawn("\U000105c1")


def drawn(letter: str) -> bytes:
    page: Any = pypdfium2.PdfDocument(put_on_pages(Filled("x", letter)).content)[0]
    return page.render(scale=1).to_numpy().tobytes()


def test_the_same_document_has_the_same_bytes_in_another_process() -> None:
    script = (
        "from app.documents.pdf import put_on_pages; from domain.documents.filled import Filled;"
        f"print(put_on_pages(Filled({OFFER.title!r}, {OFFER.text!r})).facts.content_hash)"
    )
    other = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout.strip()
    assert other == put_on_pages(OFFER).facts.content_hash


@pytest.mark.parametrize(
    ("text", "most"), [("слово " * 9000, 20), ("ы" * 20_000, 12), ("### x\n" * 1500, 60), ("| |\n" * 1500, 60), ("", 1)]
)
def test_long_documents_come_to_an_end(text: str, most: int) -> None:
    pages = put_on_pages(Filled("x", text)).facts.pages
    assert pages
    assert 1 <= pages <= most + 20


def test_the_head_of_a_table_that_fits_on_no_page_cannot_be_laid_out() -> None:
    pages = put_on_pages(Filled("x", f"| a | {'слово ' * 9000} |\n| c | d |"))
    assert (pages.content, pages.facts.pages) == (b"", None)


@pytest.mark.parametrize("columns", [2, 3, 6, 8, 12])
@pytest.mark.parametrize("narrow", ["", "1", "i", "Ю", "слово"])
def test_wide_words_leave_room_for_the_other_columns(columns: int, narrow: str) -> None:
    for wide in {1, columns // 2, columns - 1}:
        row = f"| {' | '.join(['Ш' * 60] * wide + [narrow] * (columns - wide))} |\n"
        pages = put_on_pages(Filled("x", row * 3))
        assert pages.facts.pages
        assert pages.facts.pages <= 4
        assert text_of(pages.content).count("Ш") >= 3 * wide * 60  # the head is there again on each page


def test_the_fonts_come_with_their_licence() -> None:
    assert "Bitstream" in (files("app.documents") / "fonts" / "LICENSE").read_text("utf-8")
