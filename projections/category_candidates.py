"""What the category rules look at of every client, page by page: its card, its category's basis, and what it bought."""

from collections.abc import AsyncGenerator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.categories import figures_of
from domain.regulation.categories import ClientFigures
from projections.card import CARDS, CardView, ClientCard
from projections.place import Status
from projections.value import ValueView
from projections.value_tables import SUMS

PAGE = 500
VIEWS = (CardView.name, ValueView.name)
"""The views that this reads."""
_CARDS = CardView()


class Candidate(NamedTuple):
    """A client to which the rules may be applied: nobody overrides them, and it is not archived."""

    id: UUID
    category: str | None
    figures: ClientFigures


class CandidatePage(NamedTuple):
    """Some of the candidates, and how many clients were looked at to find them."""

    candidates: list[Candidate]
    clients: int


async def candidates(connection: AsyncConnection) -> AsyncGenerator[CandidatePage]:
    """All candidates, in pages by client id."""
    last = UUID(int=0)
    while True:
        query = select(CARDS.c.id, CARDS.c.state).where(CARDS.c.id > last).order_by(CARDS.c.id).limit(PAGE)
        rows = (await connection.execute(query)).all()
        if not rows:
            return
        last = rows[-1].id
        cards = [_CARDS.from_json(row.state) for row in rows]
        open_to_rules = [card for card in cards if _is_open_to_rules(card)]
        realised = await _realised(connection, [card.id for card in open_to_rules])
        yield CandidatePage([_candidate(card, realised.get(card.id, {})) for card in open_to_rules], len(rows))


def _is_open_to_rules(card: ClientCard) -> bool:
    return card.category_basis.overridden_at is None and card.place.status is not Status.ARCHIVED


async def _realised(connection: AsyncConnection, client_ids: Sequence[UUID]) -> dict[UUID, dict[str, Decimal]]:
    query = select(SUMS.c.client_id, SUMS.c.currency, SUMS.c.revenue).where(
        SUMS.c.client_id.in_(client_ids), SUMS.c.revenue > 0
    )
    sums: dict[UUID, dict[str, Decimal]] = {}
    rows: Sequence[Any] = (await connection.execute(query)).all()
    for client_id, currency, revenue in rows:
        sums.setdefault(client_id, {})[currency] = revenue
    return sums


def _candidate(client: ClientCard, realised: dict[str, Decimal]) -> Candidate:
    card = client.card
    figures = figures_of(
        size=card.size,
        turnover=card.turnover,
        currency=card.currency,
        expected_purchase=card.expected_purchase,
        purchase_interval=card.purchase_interval,
        realised=realised,
    )
    return Candidate(client.id, card.category, figures)
