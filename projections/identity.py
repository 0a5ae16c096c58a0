"""By what two clients are told to be the same: keys that do not differ where only the spelling does.

Keys are for comparing and never shown. That of a phone is coarse on purpose, because the country a number belongs to is
not written in all of them: who finds clients by it has to compare the whole numbers.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from projections.identity_words import DOTTED_FORMS, FREE_MAIL, LEGAL_FORMS, LEGAL_PHRASES, SHARED_HOSTS
from projections.words import plain

LONGEST_KEY = 200
"""Characters of a key that count."""

_EXTENSION = re.compile(r"доб|ext|вн|[x#,;]", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^0-9]")
_SUBSCRIBER_DIGITS, _SHORTEST_PHONE = 7, 5
_INN_WITH_KPP = re.compile(r"([0-9]{10})\s*/\s*[0-9]{9}(?![0-9])")
_NOT_CODE = re.compile(r"[^0-9A-Z]")
_WITH_COUNTRY = re.compile(r"[A-Z]{2}(U?[0-9]{5,})")
_NUMBER = re.compile(r"[0-9]+")
_SHORTEST_HALF = 2
_NAMES_AT_HAND = 1_024
"""A name is compared and stored in several ways one after the other."""
_LETTER = r"[^\W\d_]"
_DOTTED = re.compile(rf"(?<![^\W_.]){_LETTER}\.(?:\s?{_LETTER}\.)*(?:{_LETTER}(?![^\W_.]))?")
"""Single letters with a dot each: initials, or a legal form or another short name of a firm."""
_QUOTES = '"«»„“”'
_MOST_INITIALS = 2
_INITIALS = "_"
"""Ends a word of initials, so that it is no legal form; words have no underscore of their own."""
_WORD = re.compile(rf"[^\W_]+{_INITIALS}?")


def tax_key(tax_id: str | None) -> str | None:
    """The number without punctuation and without the letters of its country; the first of «ИНН/КПП»."""
    if not tax_id:
        return None
    pair = _INN_WITH_KPP.search(tax_id)
    code = pair[1] if pair else _NOT_CODE.sub("", tax_id.upper())
    with_country = _WITH_COUNTRY.fullmatch(code)
    return (with_country[1] if with_country else code)[:LONGEST_KEY] or None


def phone_key(phone: str) -> str | None:
    """The last seven digits before an extension: the same however the number is dialled. None where there are few."""
    digits = _NOT_DIGIT.sub("", _EXTENSION.split(phone, maxsplit=1)[0])
    return digits[-_SUBSCRIBER_DIGITS:] if len(digits) >= _SHORTEST_PHONE else None


def email_key(email: str) -> str:
    """The address, case aside."""
    return plain(email.strip())[:LONGEST_KEY]


def domain_of_email(email: str) -> str | None:
    """The firm's own domain; None for one where everybody may have an address."""
    domain = _host(email.rpartition("@")[2])
    return None if domain is None or domain in FREE_MAIL else domain


def domain_of_site(site: str | None) -> str | None:
    """The firm's own domain, without www; None for a page on a host of many firms."""
    if not site:
        return None
    text = site.strip()
    try:
        host = _host(urlsplit(text if "//" in text else f"//{text}").hostname)
    except ValueError:
        return None
    return None if host is None or host in SHARED_HOSTS or host in FREE_MAIL else host


def _host(host: str | None) -> str | None:
    """The name as it stands in the domain name system."""
    if not host or "." not in host:
        return None
    name = host.strip(".").casefold().removeprefix("www.")
    try:
        return name.encode("idna").decode()[:LONGEST_KEY]
    except UnicodeError:
        return None


@lru_cache(_NAMES_AT_HAND)
def name_key(name: str | None) -> str:
    """The words of the name without its legal form, case and punctuation; the whole name where it is nothing else.

    The initials of a person are one word, however they are spaced, also where their letters are those of a legal form.
    """
    text = _DOTTED.sub(_undotted, plain(_small_undotted(name or "")).replace(_INITIALS, " "))
    text = text.replace(".", "").replace("'", "").replace("`", "")
    words = _WORD.findall(LEGAL_PHRASES.sub(" ", text)) or _WORD.findall(text)
    while len(words) > 1 and words[0] in LEGAL_FORMS:
        del words[0]
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        del words[-1]
    return " ".join(words).replace(_INITIALS, "")[:LONGEST_KEY]


def _small_undotted(name: str) -> str:
    """Small Latin letters without their dots, where a name has capitals: a.s. is a legal form, A.S. may be initials."""
    return name if name.islower() else _DOTTED.sub(_without_dots_if_small, name)


def _without_dots_if_small(found: re.Match[str]) -> str:
    letters = _letters(found)
    return f" {letters} " if letters.islower() and plain(letters).isascii() else found[0]


def _letters(found: re.Match[str]) -> str:
    return "".join(filter(str.isalpha, found[0]))


def _undotted(found: re.Match[str]) -> str:
    """Letters with dots as one word, marked where they are initials: the first letters of one or two names."""
    letters = _letters(found)
    before, after = found.string[: found.start()].rstrip(" ,("), found.string[found.end() :].lstrip()
    of_firm = letters in DOTTED_FORMS or before.endswith(tuple(_QUOTES)) or after.startswith(tuple(_QUOTES))
    is_name = len(letters) <= _MOST_INITIALS and not of_firm
    return f" {letters}{_INITIALS if is_name else ''} "


def words_in_order(name_key: str) -> str:
    """The words of a name key in alphabetical order: the same in whatever order they were written."""
    return " ".join(sorted(name_key.split()))


def place_key(name: str | None, region: str | None) -> str | None:
    """The words of the name in any order, with the region; None where one of the two is not known."""
    words, where = words_in_order(name_key(name)), plain(region or "").strip()
    return f"{words} / {where}"[:LONGEST_KEY] if words and where else None


class Halves(NamedTuple):
    """Both ends of a name, each with the numbers in the name and the region."""

    start: str
    end: str


class Spelling(NamedTuple):
    """The words of a name, and what has to be the same where names are compared with mistakes in them."""

    words: str
    rest: str

    def halves(self, longer: int = 0) -> Halves | None:
        """The two halves of the name; a letter or two in the middle are in neither.

        One mistake in a name of the same length spoils one of them at most. None where they would have less than two
        letters. `longer`: the halves of a name that is so many letters longer.
        """
        size = (len(self.words) + longer - 1) // 2
        if size < _SHORTEST_HALF:
            return None
        return Halves(self.words[:size] + self.rest, self.words[-size:] + self.rest)

    @property
    def nearby(self) -> set[Halves]:
        """The halves of the names of which this one may be a misspelling: as long, or a letter longer or shorter."""
        return {found for longer in (-1, 0, 1) if (found := self.halves(longer))}


def spelling(key: str, region: str | None) -> Spelling | None:
    """How a name is spelt, from its `name_key` and its folded region; None where one of them is not known."""
    if not key or not region:
        return None
    return Spelling(key, f" {' '.join(_NUMBER.findall(key))} / {region}"[:LONGEST_KEY])


def keys(tax_id: str | None, phones: Iterable[str], emails: Iterable[str], site: str | None) -> list[tuple[str, str]]:
    """All keys of a client but its name, each with its kind: tax_id, phone, email or domain; sorted, each once."""
    return sorted(set(_keys(tax_id, phones, list(emails), site)))


def _keys(tax_id: str | None, phones: Iterable[str], emails: list[str], site: str | None) -> Iterator[tuple[str, str]]:
    found = [("tax_id", tax_key(tax_id)), ("domain", domain_of_site(site))]
    found += [("phone", phone_key(phone)) for phone in phones]
    found += [("email", email_key(email)) for email in emails]
    found += [("domain", domain_of_email(email)) for email in emails]
    return ((kind, key) for kind, key in found if key)
