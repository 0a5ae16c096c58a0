"""The facts of a handoff, and the packet that an offer freezes.

Apart from the rules, because assignment, qualification and deals read them too.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.kernel import Event, Personal
from domain.types import Step, Variant


class ReturnReason(StrEnum):
    """Why the receiver sends an offered client back."""

    INCOMPLETE = "incomplete"
    NOT_READY = "not_ready"
    NO_NEED = "no_need"
    KEY_PERSON_MISSING = "key_person_missing"
    WRONG_RECEIVER = "wrong_receiver"
    NO_CAPACITY = "no_capacity"
    OTHER = "other"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PacketPerson(_Part):
    """A key person as the next step needs him."""

    id: UUID
    name: str | None
    position: str | None
    role: str | None
    part_in_decisions: str | None
    personality_type: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]


class PacketContact(_Part):
    """One of the last contacts."""

    occurred_at: datetime
    channel: str
    outcome: str
    summary: str | None
    agreed: str | None


class PacketTask(_Part):
    """A task that is still open."""

    id: UUID
    text: str | None
    due_at: datetime
    employee_id: UUID


class PacketObligation(_Part):
    """What the firm still owes the client by the agreement of a deal; the cost is in `currency`."""

    id: UUID
    deal_id: UUID
    text: str | None
    due_at: datetime
    cost: Decimal
    currency: str
    employee_id: UUID


class PacketDeal(_Part):
    """A deal, open, won or lost."""

    id: UUID
    state: str
    title: str | None
    amount: Decimal
    currency: str


class PacketProposal(_Part):
    """A proposal that may still be accepted, as its last revision has it."""

    id: UUID
    number: str
    state: str
    title: str | None
    total: Decimal
    currency: str
    valid_until: date


class Packet(_Part):
    """What the next step needs to know, as it stood when the handoff was offered.

    `personality_type` is the one on the card, else that of the key person who decides; before, it was the card's alone.
    """

    personality_type: str | None
    category: str | None
    need: str | None
    key_persons: tuple[PacketPerson, ...]
    last_contacts: tuple[PacketContact, ...]
    open_tasks: tuple[PacketTask, ...]
    open_obligations: tuple[PacketObligation, ...] = ()
    open_proposals: tuple[PacketProposal, ...] = ()
    deals: tuple[PacketDeal, ...]


class HandoffOffered(Event, topic="handoffs.offered", begins="handoff_id"):
    """The client is offered to another step; overdue after `due_at`, expired by rule after `expires_at`."""

    schema_version: ClassVar = 3

    handoff_id: UUID
    from_step: Step
    to_step: Step
    from_employee_id: UUID
    to_employee_id: UUID | None
    due_at: datetime
    expires_at: datetime
    packet: Personal[Packet]
    comment: Personal[str] = None


class HandoffAccepted(Event, topic="handoffs.accepted"):
    """The client is in the next step and `employee_id` works it there. `automatic`: both sides are one person.

    `variant`: how his team works clients there, if he is in one.
    """

    schema_version: ClassVar = 2

    handoff_id: UUID
    from_step: Step
    to_step: Step
    employee_id: UUID
    automatic: bool = False
    variant: Variant | None = None


class HandoffReturned(Event, topic="handoffs.returned"):
    """The receiver sent the client back; step and owner stay as they were."""

    handoff_id: UUID
    reason: ReturnReason
    comment: Personal[str] = None


class HandoffWithdrawn(Event, topic="handoffs.withdrawn"):
    """The sender took the offer back."""

    handoff_id: UUID
    comment: Personal[str] = None


class HandoffExpired(Event, topic="handoffs.expired"):
    """Nobody answered in time."""

    handoff_id: UUID
