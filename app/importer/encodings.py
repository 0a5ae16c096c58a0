"""In which encoding a file of text is: by its byte order mark, else UTF-8, else Windows-1251 where it reads like it."""

import codecs
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 1 << 20
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HIGH = bytes(range(0x80))
"""What is deleted to leave the bytes that ASCII does not have."""
_LETTERS = bytes(range(0xC0, 0x100)) + b"\xa8\xb8"
"""Cyrillic letters in Windows-1251."""


def encoding_of(path: Path) -> str:
    """The encoding to open the file with; UTF-8 where nothing speaks for another one.

    In Windows-1251 most bytes beyond ASCII are letters that stand beside each other. A stray byte in a file of UTF-8,
    or the accents of a Western encoding, do not look like that, and are left to be reported.
    """
    with path.open("rb") as file:
        first = file.read(4)
    for mark, encoding in _MARKS.items():
        if first.startswith(mark):
            return encoding
    return "utf-8-sig" if _is_utf_8(path) or not _is_cyrillic(path) else "cp1251"


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _is_utf_8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_cyrillic(path: Path) -> bool:
    high = letters = in_words = 0
    for block in _blocks(path):
        beyond = block.translate(None, _HIGH)
        high += len(beyond)
        letters += len(beyond) - len(beyond.translate(None, _LETTERS))
        in_words += sum(len(word) for word in block.translate(_WORDS).split() if len(word) > 1)
    return high > 0 and letters * 10 >= high * 8 and in_words * 2 > high


_WORDS = bytes(byte if byte in _LETTERS else 0x20 for byte in range(256))
"""Leaves the letters, with spaces for all else."""
