"""The words of a refusal."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What people read when a rule refuses: titles, and what to do about it, in English and Russian."""

    english: str
    russian: str
    remedy: str
    russian_remedy: str
