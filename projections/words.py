"""Words to search clients by. Case and spelling are evened out here, so that no database locale plays a part."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST_WORD = 100
"""Characters of a word that count; PostgreSQL takes no more than 2046 bytes."""
MOST_WORDS = 12
"""Words of a search that count."""

_PART = re.compile(r"[^\W_]+")
_CORE = re.compile(r"[^\W_](?:.*[^\W_])?")
_NOT_DIGIT = re.compile(r"[^0-9]")
_NUMBER = re.compile(r"[0-9\s()+./-]+")
_SHORTEST_NUMBER, _NATIONAL_NUMBER = 5, 10


def plain(text: str) -> str:
    """The text without what people spell differently: case, diacritics (the dots of ё too)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def words_of_text(text: str | None) -> Iterator[str]:
    """Words of a name or a code: each part of letters and digits, and what punctuation joins as a whole."""
    for piece in plain(text or "").split():
        parts = _PART.findall(piece)
        yield from parts
        if len(parts) > 1:
            yield from _CORE.findall(piece)


def words_of_phone(phone: str) -> Iterator[str]:
    """The number's digits, and the last ten of them, which are the same with +7 and with 8."""
    digits = _NOT_DIGIT.sub("", phone)
    yield digits
    yield digits[-_NATIONAL_NUMBER:]


def words_of_email(email: str) -> Iterator[str]:
    """The address, its domain and the parts of both, without the last one (com, ru), which tells nothing."""
    address = plain(email)
    name, _, domain = address.partition("@")
    yield address
    yield domain
    yield from words_of_text(name)
    yield from _PART.findall(domain)[:-1]


def words_of_tax_id(tax_id: str | None) -> Iterator[str]:
    """The number as it is written, and without the punctuation in it."""
    yield from words_of_text(tax_id)
    yield "".join(_PART.findall(plain(tax_id or "")))


def attribute_word(name: str, value: str) -> str:
    """The word for one of the firm's own attributes with this value, case aside. No other word begins with "="."""
    text = plain(value)
    word = f"={name}={text}"
    if len(word) > LONGEST_WORD:
        word = f"={name}={hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
    return word


def distinct(words: Iterable[str]) -> list[str]:
    """The words to store: each once, in a stable order, none empty or too long."""
    return sorted({word[:LONGEST_WORD] for word in words} - {""})


def search_query(text: str) -> str | None:
    """The search for these beginnings of words, all of which must be there, as a tsquery; None without any word."""
    pieces = plain(text).split()[:MOST_WORDS]
    number = _number(text) if len(pieces) > 1 else None
    return number or _all(map(_one_word, pieces))


def exactly(word: str) -> str:
    """The search for this very word, as a tsquery."""
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _one_word(piece: str) -> str | None:
    """A word as it is written or, where punctuation joins it, its number or parts; an e-mail address is never split."""
    core = _CORE.search(piece)
    if core is None:
        return None
    whole, number = _beginning(core[0]), _number(piece)
    parts = _PART.findall(piece)
    if "@" in piece or (len(parts) == 1 and not number):
        return whole
    return f"({whole} | {number or _all(map(_beginning, parts))})"


def _number(text: str) -> str | None:
    digits = _NOT_DIGIT.sub("", text)
    if len(digits) < _SHORTEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    if len(digits) <= _NATIONAL_NUMBER:
        return _beginning(digits)
    return f"({_beginning(digits)} | {_beginning(digits[-_NATIONAL_NUMBER:])})"


def _all(searches: Iterable[str | None]) -> str | None:
    needed = [search for search in searches if search]
    return f"({' & '.join(needed)})" if needed else None


def _beginning(word: str) -> str:
    return f"{exactly(word[:LONGEST_WORD])}:*"
