"""Approvals as lists show them: what was asked for, by whom, how it was answered, and the order that used it."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from domain.client.approvals import ApprovalGiven, ApprovalRefused, ApprovalRequested
from domain.client.order_events import OrderPlaced, OrderReduced
from domain.client.terms import Terms
from domain.kernel import Recorded
from projections.kernel import Row, metadata

WAITING, GIVEN, REFUSED, USED = "waiting", "given", "refused", "used"
APPROVAL_EVENTS = (ApprovalRequested, ApprovalGiven, ApprovalRefused, OrderPlaced, OrderReduced)


class Asked(NamedTuple):
    """Terms of a deal, or without one of an order, beyond the rules in force then; `answer` is the head's reason.

    The discount of an order is on `goods_list_price`, that of its articles of the catalogue. `order_id` is the order
    that used the approval.
    """

    id: UUID
    deal_id: UUID | None
    currency: str
    terms: Terms
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
    order_id: UUID | None = None


APPROVALS = Table(
    "approvals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("approval_id", Uuid, primary_key=True),
    Column("deal_id", Uuid),
    Column("currency", Text, nullable=False),
    *(Column(name, Numeric, nullable=name == "cost") for name in Terms._fields),
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
    Column("order_id", Uuid),
    Column("deal_title", Text),
    Column("deal_state", Text),
    Index("approvals_requested", "state", "requested_at", "approval_id"),
)
APPROVAL_LINES = Table(
    "approval_lines",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("approval_id", Uuid, primary_key=True),
    Column("lines", JSONB, nullable=False),
)
"""The lines of the order that an approval was asked for. There may be a thousand, and they never change."""


def asked_after(approvals: Mapping[UUID, Asked], recorded: Recorded) -> Mapping[UUID, Asked]:
    """The approvals after one was asked for, answered or used; what is dated before it was asked for is passed over."""
    event, at, by = recorded.event, recorded.occurred_at, recorded.actor
    match event:
        case ApprovalRequested():
            return {**approvals, event.approval_id: _asked(event, at, by)}
        case ApprovalGiven() | ApprovalRefused():
            state = GIVEN if isinstance(event, ApprovalGiven) else REFUSED
            answer = {"state": state, "answered_at": at, "answered_by": by, "answer": event.reason}
            return _changed(approvals, (event.approval_id,), answer)
        case OrderPlaced(order_id=key, approvals=used) | OrderReduced(order_id=key, approvals=used):
            return _changed(approvals, used, {"state": USED, "order_id": key})
        case _:
            return approvals


def _changed(approvals: Mapping[UUID, Asked], keys: Iterable[UUID], fields: dict[str, Any]) -> Mapping[UUID, Asked]:
    known = [key for key in keys if key in approvals]
    return {**approvals, **{key: approvals[key]._replace(**fields) for key in known}} if known else approvals


def lines_row(recorded: Recorded) -> Row | None:
    """The row of `APPROVAL_LINES`, where lines were asked for."""
    event = recorded.event
    if not isinstance(event, ApprovalRequested) or not event.lines:
        return None
    lines = json.dumps([line.model_dump(mode="json") for line in event.lines], ensure_ascii=False)
    return recorded.stream_id, event.approval_id, lines


def _asked(event: ApprovalRequested, at: datetime, by: UUID) -> Asked:
    return Asked(
        event.approval_id,
        event.deal_id,
        event.currency,
        event.terms,
        event.needed_margin_percent,
        event.discount_limit_percent,
        event.goods_list_price,
        event.reason,
        at,
        by,
    )
