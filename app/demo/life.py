"""What all chapters of a made-up client's life share: its time, its chances, its habits, and who deals with it."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from app.demo.firm import Department
from app.demo.goods import PRICES, ROUBLES, SOLD, Lists
from app.demo.words import ENGLISH, INDUSTRIES, INDUSTRY_WEIGHTS, RUSSIAN
from domain.kernel import Actor, Command
from domain.types import Category, PurchaseInterval, Step

T = TypeVar("T")
_INTERVALS = (PurchaseInterval.MONTHLY, PurchaseInterval.QUARTERLY, PurchaseInterval.HALF_YEARLY)


@dataclass(frozen=True, slots=True)
class Beat:
    """Somebody does something at some time."""

    at: datetime
    actor: Actor
    command: Command


Chapter = Generator[Beat, dict[str, Any], T]
"""Yields beats; is sent the answer to each command, and comes to something in the end."""


class Life:
    """One client's life from `start`, within the `time` of the firm. The same random source makes the same life."""

    def __init__(
        self,
        random: Random,
        number: int,
        start: datetime,
        departments: dict[Step, Department],
        time: tuple[datetime, timedelta],
    ) -> None:
        self.random, self.number, self.now = random, number, start
        self.begin, self.span = time
        self.lists = Lists(*time)
        self._departments = departments
        self.tongue = random.choice((RUSSIAN, ENGLISH))
        self.currency = self.tongue.currency
        self.industry = random.choices(INDUSTRIES, INDUSTRY_WEIGHTS)[0]
        self.interval = random.choice(_INTERVALS)
        self.purchase = Decimal(random.randrange(5, 120)) * 1000 / ROUBLES[self.currency]
        self.faithlessness = random.betavariate(1, 5)
        """The chance that a purchase was the last one."""
        self.billed = False
        """Whether there was an invoice before: what is paid too much may then go to another one, or join a credit."""
        self.category: Category | None = None
        self.assortment = self._assortment()

    def _assortment(self) -> list[str]:
        """What the client buys: something of what its industry does, and something by chance."""
        dearest = self.purchase * ROUBLES[self.currency] / 3
        affordable = [article for article in SOLD if PRICES[article] <= dearest]
        first = INDUSTRIES.index(self.industry) * len(affordable) // len(INDUSTRIES)
        usual = [affordable[(first + nth) % len(affordable)] for nth in range(3)]
        return self.random.sample(usual, 2) + self.random.sample([each for each in affordable if each not in usual], 1)

    def beat(self, actor: Actor, command: Command) -> Beat:
        """Somebody does this, at the time that the command names, else now."""
        return Beat(command.occurred_at or self.now, actor, command)

    def later(self, days: float = 4) -> datetime:
        """Some time later, so many days in the mean."""
        self.now += timedelta(hours=max(1.0, self.random.expovariate(1 / (days * 24))))
        return self.now.replace(microsecond=0)

    def soon(self) -> datetime:
        """Within three days, before an offer expires."""
        self.now += timedelta(hours=min(70.0, max(1.0, self.random.expovariate(1 / 16))))
        return self.now.replace(microsecond=0)

    def seller(self, step: Step) -> Actor:
        """One of those who deal with clients in a step."""
        return self.random.choice(self._departments[step].sellers)

    def colleague(self, seller: Actor, step: Step) -> Actor:
        """Another one of them."""
        return self.random.choice([each for each in self._departments[step].sellers if each != seller])

    def head(self, step: Step) -> Actor:
        """The head of a step."""
        return self._departments[step].head

    def chance(self, probability: float) -> bool:
        """Whether it happens."""
        return self.random.random() < probability

    @property
    def in_second_half(self) -> bool:
        """Whether the firm sells from stock by now, and works by the second versions of its script and template."""
        return self.now >= self.begin + self.span / 2
