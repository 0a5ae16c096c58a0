"""Cells that hold several values, as lists of firms often do: two phones, or a few addresses of e-mail."""

import re

_BETWEEN = {"phones": re.compile(r"[,;/\n]+"), "emails": re.compile(r"[,;/\s]+")}
_FEWEST_DIGITS = 5
"""A piece with fewer is no phone of its own: an extension, or the last digits of another line of the same firm."""

LISTS = frozenset(_BETWEEN)
"""The fields that take several values."""


def several(field: str, text: str) -> tuple[str, ...]:
    """The values of a cell, each once and in their order."""
    pieces = [piece.strip() for piece in _BETWEEN[field].split(text)]
    found = [piece for piece in pieces if piece]
    if field == "phones" and any(sum(letter.isdigit() for letter in piece) < _FEWEST_DIGITS for piece in found):
        return (text,)
    return tuple(dict.fromkeys(found))
