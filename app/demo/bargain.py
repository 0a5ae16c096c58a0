"""How the first deals of the made-up firm are bargained: discounts, what is promised, and what a head agrees to."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from app.demo.books import DISCOUNTS, MINIMUM_MARGIN_PERCENT
from domain.client.approvals import GiveApproval, RequestApproval
from domain.client.deals import WinDeal
from domain.client.obligations import FulfilObligation, UndertakeObligation
from domain.client.terms import HUNDRED, HUNDREDTH, Judged, Terms
from domain.kernel import Actor, Command
from domain.regulation.discounts import Buyer, ListPrice

_DISCOUNTS_PERCENT = (0, 0, 0, 3, 5, 8)
_PROMISES = ("Train two operators on site", "Deliver within ten days", "Adjust the machine twice a year")
Beats = Generator[Any, dict[str, Any], None]


class Table(NamedTuple):
    """Who bargains, how a command becomes a beat of the story, and how time passes in it."""

    closer: Actor
    head: Actor
    beat: Callable[[Actor, Command], Any]
    later: Callable[[], datetime]


def bargain(random: Random, table: Table, deal_id: UUID, price: ListPrice) -> Beats:
    """The way of an open deal to its win at this list price."""
    obligation: UUID | None = None
    terms = _terms(random, price.amount)
    if terms.obligations:
        answer = yield table.beat(table.closer, _promise(random, deal_id, terms.obligations, table.later()))
        obligation = UUID(answer["obligation_id"])
    if _needs_approval(terms, table.closer, price):
        yield from _ask(table, deal_id, terms)
    assert terms.cost is not None
    won = WinDeal(
        deal_id=deal_id, revenue=terms.revenue, cost=terms.cost, discount=terms.discount, occurred_at=table.later()
    )
    yield table.beat(table.closer, won)
    if obligation and random.random() < 0.6:
        yield table.beat(table.closer, FulfilObligation(obligation_id=obligation, occurred_at=table.later()))


def _terms(random: Random, price: Decimal) -> Terms:
    discount = _share(price, random.choice(_DISCOUNTS_PERCENT))
    promised = _share(price, random.randrange(1, 6)) if random.random() < 0.3 else Decimal()
    return Terms(price - discount, discount, _share(price, random.randrange(55, 85)), promised)


def _share(price: Decimal, percent: int) -> Decimal:
    return (price * percent / HUNDRED).quantize(HUNDREDTH)


def _promise(random: Random, deal_id: UUID, cost: Decimal, at: datetime) -> UndertakeObligation:
    due_at = at + timedelta(days=random.randrange(20, 120))
    return UndertakeObligation(deal_id=deal_id, text=random.choice(_PROMISES), due_at=due_at, cost=cost, occurred_at=at)


def _needs_approval(terms: Terms, closer: Actor, price: ListPrice) -> bool:
    """By the rules of the made-up firm, for a client that has bought nothing yet."""
    grounds = DISCOUNTS.grounds(Buyer(None, {}), closer.roles, price)
    limit = max((ground.percent for ground in grounds), default=Decimal())
    judged = Judged(terms, MINIMUM_MARGIN_PERCENT, limit)
    return judged.lacks_margin or judged.exceeds_discount


def _ask(table: Table, deal_id: UUID, terms: Terms) -> Beats:
    asked = RequestApproval(
        deal_id=deal_id,
        revenue=terms.revenue,
        discount=terms.discount,
        cost=terms.cost,
        reason="They will buy for years",
        occurred_at=table.later(),
    )
    answer = yield table.beat(table.closer, asked)
    given = GiveApproval(
        approval_id=UUID(answer["approval_id"]), reason="The first deal is worth it", occurred_at=table.later()
    )
    yield table.beat(table.head, given)
