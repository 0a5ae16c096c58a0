"""Offers of a lead between sellers, and how they were answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.client.exchange_events import (
    ACCEPTED,
    DECLINED,
    EXPIRED,
    LAPSED,
    WAITING,
    WITHDRAWN,
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.kernel import Event, Recorded

EXCHANGE_EVENTS: frozenset[type[Event]] = frozenset(
    {ExchangeOffered, ExchangeAccepted, ExchangeDeclined, ExchangeWithdrawn, ExchangeExpired}
)


class Offer(NamedTuple):
    """An offer. `state` is one of `domain.client.exchange_events`."""

    id: UUID
    step: str
    from_employee_id: UUID
    to_employee_id: UUID | None
    reason: str
    offered_at: datetime
    due_at: datetime
    expires_at: datetime | None
    comment: str | None
    state: str = WAITING
    answered_at: datetime | None = None
    accepted_by: UUID | None = None
    declined_by: tuple[UUID, ...] = ()


Offers = Mapping[UUID, Offer]


def offers_after(offers: Offers, recorded: Recorded) -> Offers:
    """The offers after one of their events. An answer to an offer that is not known is passed over."""
    event, at = recorded.event, recorded.occurred_at
    if isinstance(event, ExchangeOffered):
        return {**offers, event.exchange_id: _offered(event, at)}
    assert isinstance(event, ExchangeAccepted | ExchangeDeclined | ExchangeWithdrawn | ExchangeExpired)
    offer = offers.get(event.exchange_id)
    return {**offers, offer.id: _answered(offer, event, at)} if offer else offers


def _offered(event: ExchangeOffered, at: datetime) -> Offer:
    return Offer(
        event.exchange_id,
        event.step.value,
        event.from_employee_id,
        event.to_employee_id,
        event.reason.value,
        at,
        event.due_at,
        event.expires_at,
        event.comment,
    )


def _answered(
    offer: Offer, event: ExchangeAccepted | ExchangeDeclined | ExchangeWithdrawn | ExchangeExpired, at: datetime
) -> Offer:
    match event:
        case ExchangeAccepted(employee_id=employee_id):
            return offer._replace(state=ACCEPTED, answered_at=at, accepted_by=employee_id)
        case ExchangeDeclined(employee_id=employee_id):
            declined = offer._replace(declined_by=(*offer.declined_by, employee_id))
            return declined._replace(state=DECLINED, answered_at=at) if offer.to_employee_id else declined
        case ExchangeWithdrawn():
            return offer._replace(state=WITHDRAWN, answered_at=at)
        case ExchangeExpired():
            return offer._replace(state=EXPIRED, answered_at=at)


def lapsed(offers: Offers, at: datetime) -> Offers:
    """The offers after owner or step changed: what still waited is void."""
    return {
        key: offer._replace(state=LAPSED, answered_at=at) if offer.state == WAITING else offer
        for key, offer in offers.items()
    }
