"""Approvals as the worklist of the heads shows them: what was asked for, by whom, and how it was answered."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.client.approvals import ApprovalGiven, ApprovalRefused, ApprovalRequested
from domain.client.terms import Terms
from domain.kernel import Recorded
from projections.kernel import metadata

WAITING, GIVEN, REFUSED = "waiting", "given", "refused"
APPROVAL_EVENTS = (ApprovalRequested, ApprovalGiven, ApprovalRefused)


class Asked(NamedTuple):
    """Terms of a deal, or without one of an order, beyond the rules in force then; `answer` is the head's reason.

    The discount of an order is on `goods_list_price`, that of its articles of the catalogue; `lines` are its lines.
    """

    id: UUID
    deal_id: UUID | None
    currency: str
    terms: Terms
    lines: list[dict[str, Any]]
    needed_margin_percent: Decimal | None
    discount_limit_percent: Decimal | None
    goods_list_price: Decimal | None
    reason: str | None
    requested_at: datetime
    requested_by: UUID
    state: str = WAITING
    answered_at: datetime | None = None
    answered_by: UUID | None = None
    answer: str | None = None


APPROVALS = Table(
    "approvals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("approval_id", Uuid, primary_key=True),
    Column("deal_id", Uuid),
    Column("currency", Text, nullable=False),
    *(Column(name, Numeric, nullable=name == "cost") for name in Terms._fields),
    Column("lines", JSONB, nullable=False),
    Column("needed_margin_percent", Numeric),
    Column("discount_limit_percent", Numeric),
    Column("goods_list_price", Numeric),
    Column("reason", Text),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("answered_by", Uuid),
    Column("answer", Text),
    Column("deal_title", Text),
    Column("deal_state", Text),
    Index("approvals_requested", "state", "requested_at", "approval_id"),
)


def asked_after(approvals: Mapping[UUID, Asked], recorded: Recorded) -> Asked | None:
    """The approval that was asked for or answered; none where it is not known, because it is dated later."""
    event, at, by = recorded.event, recorded.occurred_at, recorded.actor
    if isinstance(event, ApprovalRequested):
        return _asked(event, at, by)
    assert isinstance(event, ApprovalGiven | ApprovalRefused)
    asked = approvals.get(event.approval_id)
    if asked is None:
        return None
    state = GIVEN if isinstance(event, ApprovalGiven) else REFUSED
    return asked._replace(state=state, answered_at=at, answered_by=by, answer=event.reason)


def _asked(event: ApprovalRequested, at: datetime, by: UUID) -> Asked:
    return Asked(
        event.approval_id,
        event.deal_id,
        event.currency,
        event.terms,
        [line.model_dump(mode="json") for line in event.lines],
        event.needed_margin_percent,
        event.discount_limit_percent,
        event.goods_list_price,
        event.reason,
        at,
        by,
    )
