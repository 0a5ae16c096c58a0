"""Facts of a catalogue, and of clients that order from it, for the random histories."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalogue.articles import ArticleAdded, ArticleRestored, ArticleRetired, PriceSet
from domain.catalogue.codes import article_id, stock_id
from domain.client.approvals import ApprovalRequested
from domain.client.order_events import (
    LinePart,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderReduced,
    OrderShipped,
    PlacedLine,
    PromisedPart,
)
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from tests.domain.stock.histories import ARTICLE, histories
from tests.projections.histories import Fact
from tests.spec import START, day

_DAY, _SOON = START.date(), date(2030, 1, 1)


def catalogue() -> list[Fact]:
    """Two brooms, one of which was retired for a time, with prices."""
    facts: list[Fact] = []
    for colour in ("green", "brown"):
        key = article_id(colour)
        added = ArticleAdded(code=colour, product="BROOM", label="Метла", unit="piece", attributes={"colour": colour})
        prices = [
            PriceSet(price_list="retail", currency="EUR", price=Decimal(price), valid_from=_DAY)
            for price in ("10", "9.5")
        ]
        last: list[Event] = [ArticleRetired(), ArticleRestored()] if colour == "green" else [ArticleRetired()]
        facts += [Fact(key, event, START) for event in (added, *prices, *last)]
    return facts


def stocking(seed: int = 5, commands: int = 120) -> list[Fact]:
    """The stock of an article of which more is ordered than comes, and comes otherwise than expected."""
    key = stock_id(ARTICLE)
    return [Fact(key, event, START) for happened in histories(seed, commands) for event in happened.events]


def ordering() -> list[Fact]:
    """A client with a discounted order of two warehouses on its way, one that is done and one that was cancelled.

    For a fourth one the approval of a head is asked.
    """
    lines = tuple(
        PlacedLine(
            article="green",
            quantity=Decimal(10),
            price=Decimal(2),
            list_price=Decimal("2.5"),
            warehouse=warehouse,
            promised=(PromisedPart(quantity=Decimal(4)), PromisedPart(quantity=Decimal(6), promised_on=_SOON)),
        )
        for warehouse in ("main", "far")
    )
    parts = (LinePart(line=1, quantity=Decimal(4)), LinePart(line=2, quantity=Decimal(1)))
    rest = (LinePart(line=1, quantity=Decimal(10)), LinePart(line=2, quantity=Decimal(10)))
    client, (open_id, done_id, void_id) = UUID(int=0xB0), (UUID(int=0xB0 + n) for n in (1, 2, 3))
    shipped: dict[str, Any] = {"shipment_id": UUID(int=0xB9), "amount": Decimal(10), "currency": "EUR"}
    events: list[Event] = [ClientRegistered(name="Sweepers", origin="social")]
    for key in (open_id, done_id, void_id):
        events += [
            OrderPlaced(order_id=key, lines=lines, amount=Decimal(40), discount=Decimal(10), currency="EUR"),
            OrderConfirmed(order_id=key),
        ]
    events += [
        OrderShipped(order_id=open_id, lines=parts, **shipped),
        OrderReduced(order_id=open_id, lines=parts[:1], amount=Decimal(8), currency="EUR"),
        OrderShipped(order_id=done_id, lines=rest, **shipped),
        OrderCancelled(order_id=void_id),
        _asked(lines),
    ]
    return [Fact(client, event, day(number)) for number, event in enumerate(events)]


def _asked(lines: tuple[PlacedLine, ...]) -> ApprovalRequested:
    return ApprovalRequested(
        approval_id=UUID(int=0xBA),
        currency="EUR",
        revenue=Decimal(40),
        discount=Decimal(10),
        cost=None,
        obligations=Decimal(),
        needed_margin_percent=None,
        discount_limit_percent=Decimal(5),
        goods_list_price=Decimal(50),
        lines=tuple(line.priced for line in lines),
        reason="The last ones",
    )
