"""The events of leads on offer between sellers, and how an offer may stand."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from domain.kernel import Event, Personal
from domain.types import FailureReason, Step

WAITING, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED = "waiting", "accepted", "declined", "withdrawn", "expired"
LAPSED = "lapsed"
"""Owner or step changed otherwise while it waited."""


class ExchangeOffered(Event, topic="exchanges.offered", begins="exchange_id"):
    """The lead is offered to a colleague, or to all. `reason`: why it does not suit.

    Overdue after `due_at`, void after `expires_at`; the first offers ever made had no such end.
    """

    schema_version: ClassVar = 2

    exchange_id: UUID
    step: Step
    from_employee_id: UUID
    to_employee_id: UUID | None
    reason: FailureReason
    due_at: datetime
    expires_at: datetime | None = None
    comment: Personal[str] = None


class ExchangeAccepted(Event, topic="exchanges.accepted"):
    """The employee takes the lead; that he is assigned to it follows as a fact of its own."""

    exchange_id: UUID
    employee_id: UUID


class ExchangeDeclined(Event, topic="exchanges.declined"):
    """The employee does not take the lead. An offer to all still waits for the others."""

    exchange_id: UUID
    employee_id: UUID
    comment: Personal[str] = None


class ExchangeWithdrawn(Event, topic="exchanges.withdrawn"):
    """The offer was taken back."""

    exchange_id: UUID
    comment: Personal[str] = None


class ExchangeExpired(Event, topic="exchanges.expired"):
    """Nobody took the lead in time."""

    exchange_id: UUID
