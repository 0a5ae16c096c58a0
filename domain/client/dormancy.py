"""Dormancy: when a client has not bought for twice the interval expected of it, and where that interval came from."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.types import PURCHASES_PER_YEAR, PurchaseInterval

DAYS_IN_YEAR = 365
OWN_PURCHASES = 3
"""A client's own purchases count from three on: two are one interval, which may be chance."""
OWN_SPAN = timedelta(days=90)
"""… and only if they span a quarter: a few orders in the first weeks would promise dozens a year."""
DORMANT_AFTER_INTERVALS = 2


class Source(StrEnum):
    """Where an expectation came from: the client's own purchases, those of its industry, or its card."""

    OWN = "own"
    SEGMENT = "segment"
    CARD = "card"


class Rhythm(NamedTuple):
    """How many purchases there were, the first and the last."""

    purchases: int
    first_at: datetime
    last_at: datetime

    @staticmethod
    def of(moments: Iterable[datetime]) -> "Rhythm | None":
        """The rhythm of purchases at these moments; None without any."""
        listed = list(moments)
        return Rhythm(len(listed), min(listed), max(listed)) if listed else None

    def and_then(self, other: "Rhythm | None") -> "Rhythm":
        """Both together."""
        if other is None:
            return self
        first, last = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        return Rhythm(self.purchases + other.purchases, first, last)

    @property
    def interval(self) -> timedelta | None:
        """The mean time from one purchase to the next; None where there are too few to tell."""
        span = self.last_at - self.first_at
        if self.purchases < OWN_PURCHASES or span < OWN_SPAN:
            return None
        return span / (self.purchases - 1)


class ExpectedInterval(NamedTuple):
    """How long it takes from one purchase to the next, and where that is known from."""

    length: timedelta
    source: Source

    def dormant_from(self, last_purchase_at: datetime) -> datetime:
        """When a client that bought last at this moment becomes dormant."""
        return last_purchase_at + DORMANT_AFTER_INTERVALS * self.length


def expected_interval(on_card: str | None, rhythm: Rhythm | None) -> ExpectedInterval | None:
    """The interval on the card, else that of the client's own purchases; None where neither is known."""
    if on_card:
        days = DAYS_IN_YEAR / PURCHASES_PER_YEAR[PurchaseInterval(on_card)]
        return ExpectedInterval(timedelta(days=days), Source.CARD)
    own = rhythm.interval if rhythm else None
    return ExpectedInterval(own, Source.OWN) if own else None
