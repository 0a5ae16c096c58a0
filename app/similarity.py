"""How alike two clients are: the best of what they share, as a reason with a score from 0 to 1.

Keys that stand for one client count most; the name counts by the share of it that would have to be typed anew
(rapidfuzz: normalised indel similarity of the words as they are written or in alphabetical order, whichever is more),
less where regions differ. What is alike is listed; what refuses a new client is less: `same_client`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from app.identity import same_phone
from projections.clients import folded
from projections.duplicates import Identity
from projections.identity import domain_of_email, domain_of_site, email_key, name_key, tax_key, words_in_order

TAX_ID, PHONE, EMAIL, DOMAIN = 1.0, 0.95, 0.95, 0.9
"""What it says that two clients share a key of this kind; a domain only where their names are alike too."""
SAME_REGION, UNKNOWN_REGION, OTHER_REGION = 1.0, 0.95, 0.85
"""What a name counts, by where the two clients are."""
LEAST_SCORE = 0.8
"""Names that are less alike are not worth anybody's time."""
SIMILAR_NAME = 0.6
"""How alike the names of two firms on one domain have to be."""
MOST_SLIPS, LETTERS_PER_SLIP = 2, 4
"""Slips in a name, and how long a word is at least for each slip in it: «Восток» is not a slip of «Ростов»."""
_NUMBER = re.compile(r"[0-9]+")
Key = TypeVar("Key")


class Likeness(NamedTuple):
    """How alike, and by what: tax_id, phone, email, domain or name."""

    score: float
    reason: str


def name_score(one: str, other: str) -> float:
    """How alike two names are, as `projections.identity.name_key` gives them; 0 where numbers in them differ."""
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return 0.0
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other)) / 100


def region_weight(one: str | None, other: str | None) -> float:
    """What the likeness of names counts for clients of these regions."""
    if one is None or other is None:
        return UNKNOWN_REGION
    return SAME_REGION if one == other else OTHER_REGION


def similar_names(name: str, others: Sequence[str]) -> Iterator[tuple[int, float]]:
    """The places of the others that are so alike that it matters, each with its score, the most alike first.

    All have the same numbers in them.
    """
    found = process.extract(name, others, scorer=fuzz.ratio, score_cutoff=100 * LEAST_SCORE, limit=None)
    return ((place, percent / 100) for _, percent, place in found)


def mistyped(one: str, other: str) -> bool:
    """Whether slips are all that tells two names apart, as `projections.identity.name_key` gives them.

    A slip is a letter changed, left out, put in, or swapped with the next. Spaces and the order of the words are none.
    """
    if words_in_order(one) == words_in_order(other) or one.replace(" ", "") == other.replace(" ", ""):
        return True
    words, others = one.split(), other.split()
    if len(words) != len(others):
        return False
    slips = [OSA.distance(*pair) for pair in zip(words, others, strict=True)]
    most = (max(map(len, pair)) // LETTERS_PER_SLIP for pair in zip(words, others, strict=True))
    return sum(slips) <= MOST_SLIPS and all(some <= allowed for some, allowed in zip(slips, most, strict=True))


def mistyped_names(name: str, others: Mapping[Key, str]) -> Iterator[Key]:
    """The keys of the others that differ from the name by slips only, those with the fewest first."""
    near = process.extract(name, others, scorer=OSA.distance, score_cutoff=MOST_SLIPS, limit=None)
    return (key for other, _, key in near if mistyped(name, other))


def same_client(one: Identity, other: Identity, region: str) -> Likeness | None:
    """By what, and how much, a new client is so like another that it is taken for the same. None where it is not.

    As `by_key`, but a name says so only where it is `mistyped` and the tax ids of the two are not known to differ.
    """
    by_name_too = _one_tax_id(one, other) and mistyped(name_key(one.name), name_key(other.name))
    return max((found for found in _shared(one, other, region) if by_name_too or found.reason != "name"), default=None)


def _one_tax_id(one: Identity, other: Identity) -> bool:
    return len({tax_key(one.tax_id), tax_key(other.tax_id)} - {None}) <= 1


def by_key(one: Identity, other: Identity, region: str) -> Likeness | None:
    """How alike two clients are by what stands for one of them: the best of their keys. None where they share none.

    A name, or one much like it, stands for one together with its region.

    `region` is the country of phone numbers that are written without one.
    """
    return max(_shared(one, other, region), default=None)


def _shared(one: Identity, other: Identity, region: str) -> Iterator[Likeness]:
    if one.tax_id and tax_key(one.tax_id) == tax_key(other.tax_id):
        yield Likeness(TAX_ID, "tax_id")
    if any(same_phone(first, second, region) for first in one.phones for second in other.phones):
        yield Likeness(PHONE, "phone")
    if not {email_key(email) for email in one.emails}.isdisjoint(map(email_key, other.emails)):
        yield Likeness(EMAIL, "email")
    if not _domains(one).isdisjoint(_domains(other)) and _named_alike(one, other):
        yield Likeness(DOMAIN, "domain")
    if one.name and other.name and one.region and folded(one.region) == folded(other.region):
        likeness = by_name(one, other)
        if likeness.score >= LEAST_SCORE:
            yield likeness


def _domains(identity: Identity) -> set[str | None]:
    return {domain_of_site(identity.site), *map(domain_of_email, identity.emails)} - {None}


def _named_alike(one: Identity, other: Identity) -> bool:
    return name_score(name_key(one.name), name_key(other.name)) >= SIMILAR_NAME


def by_name(one: Identity, other: Identity) -> Likeness:
    """How alike two clients are by name and region."""
    score = name_score(name_key(one.name), name_key(other.name))
    return Likeness(round(score * region_weight(folded(one.region), folded(other.region)), 4), "name")
