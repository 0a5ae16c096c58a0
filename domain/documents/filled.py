"""A document that is filled, and what came of putting it on pages.

Pages are made outside of the rules, and take time: a decision that needs them raises `NotRendered` with the document;
whoever carries the command out makes the pages and sends it again, with a lookup that finds them.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from domain.documents.language import TooLong, Values, fill
from domain.documents.template import Template
from domain.kernel import Refused
from domain.regulation.state import RuleContext

MOST_PAGES = 60
MOST_LINES = 2_000
"""Lines of the template when it is filled, with those of its values."""
LINE_BREAK = "\N{LINE SEPARATOR}"
"""A line break in a value: it begins no new line of the template's."""
_MARKS = re.compile(r"[\\|#-]")


@dataclass(frozen=True)
class Filled:
    """A title and a text with the marks of headings, lists and tables; those marks that stand in values are escaped."""

    title: str
    text: str

    @cached_property
    def key(self) -> UUID:
        """Stands for just this document."""
        return UUID(bytes=sha256(f"{self.title}\x00{self.text}".encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document on pages: the SHA-256 of its content (hexadecimal), its bytes, its pages.

    No pages: it cannot be laid out, because something in it does not fit on any page.
    """

    content_hash: str
    size: int
    pages: int | None


class NotRendered(Exception):
    """The decision stands, once the document is put on pages."""

    def __init__(self, filled: Filled) -> None:
        super().__init__(filled.title)
        self.filled = filled


def escaped(value: str) -> str:
    """The value, so that nothing in it is taken for a mark."""
    return _MARKS.sub(r"\\\g<0>", "\n".join(value.splitlines())).replace("\n", LINE_BREAK)


def filled_document(template: Template, number: int, values: Values) -> Filled:
    """A version of the template with these values.

    Raises:
        Refused: `document_too_long`.
    """
    title, body = template.versions[number].parsed(template.kind)
    try:
        named, text = " ".join(fill(title, values).split()), fill(body, values, escaped)
    except TooLong as too_long:
        raise Refused("document_too_long", template_id=template.id, **too_long.facts) from None
    lines = text.count("\n") + text.count(LINE_BREAK)
    if lines > MOST_LINES:
        raise Refused("document_too_long", template_id=template.id, lines=lines, most_lines=MOST_LINES)
    return Filled(named or template.name or template.kind.value, text)


def rendered(document: Filled, context: RuleContext) -> Rendered:
    """The document on pages.

    Raises:
        NotRendered: nobody has made them yet.
        Refused: `document_too_long`.
    """
    found = context.known(Rendered, document.key)
    if found is None:
        raise NotRendered(document)
    if found.pages is None or found.pages > MOST_PAGES:
        raise Refused("document_too_long", pages=found.pages, most_pages=MOST_PAGES)
    return found
