"""Inquiries: what the client asked, how soon it has to be answered, and whether and when it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Category, Channel, OptionalText, OptionalWord, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class ClosingReason(StrEnum):
    """Why an inquiry needs no answer."""

    SPAM = "spam"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    NOT_FOR_US = "not_for_us"
    OTHER = "other"


class InquiryReceived(Event, topic="inquiries.received", begins="inquiry_id"):
    """The client asked something, when the event occurred.

    `due_at`: by when it has to be answered, `working_hours` after that, by the rule for the client's category then and
    the channel; all three stay as they are when the regulation, the calendar or the category change.
    """

    inquiry_id: UUID
    channel: Channel
    subject: Personal[str]
    text: Personal[str]
    key_person_id: UUID | None
    category: Category | None
    working_hours: Decimal
    due_at: datetime


class InquiryAnswered(Event, topic="inquiries.answered"):
    """The inquiry was answered: by a contact, or by the text here. `working_minutes` it had waited for that."""

    inquiry_id: UUID
    working_minutes: int
    contact_id: UUID | None = None
    text: Personal[str] = None


class InquiryClosed(Event, topic="inquiries.closed"):
    """The inquiry needs no answer."""

    inquiry_id: UUID
    reason: ClosingReason
    comment: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """An open inquiry."""

    id: UUID
    received_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Inquiries:
    """The open inquiries by id, and the ids of those that were answered or closed."""

    open: Mapping[UUID, Inquiry] = field(default_factory=dict[UUID, Inquiry])
    ended: frozenset[UUID] = frozenset()

    def evolve(self, recorded: Recorded) -> "Inquiries":
        """After an inquiry was received, answered or closed."""
        match recorded.event:
            case InquiryReceived(inquiry_id=key, due_at=due_at):
                return replace(self, open={**self.open, key: Inquiry(key, recorded.occurred_at, due_at)})
            case InquiryAnswered(inquiry_id=key) | InquiryClosed(inquiry_id=key):
                left = {other: inquiry for other, inquiry in self.open.items() if other != key}
                return Inquiries(left, self.ended | {key})
            case _:
                return self

    def get(self, inquiry_id: UUID, context: RuleContext) -> Inquiry:
        """The open inquiry with this id, if it was received before the decision."""
        inquiry = self.open.get(inquiry_id)
        if inquiry is None:
            raise Refused("inquiry_not_open" if inquiry_id in self.ended else "unknown_inquiry", inquiry_id=inquiry_id)
        refuse_before(inquiry.received_at, context, inquiry_id=inquiry_id)
        return inquiry

    def answered(
        self, inquiry_id: UUID, context: RuleContext, *, contact_id: UUID | None = None, text: str | None = None
    ) -> InquiryAnswered:
        """The answer to an open inquiry, at the time of the decision."""
        inquiry = self.get(inquiry_id, context)
        waited = context.calendar.working_minutes_between(inquiry.received_at, context.occurred_at)
        return InquiryAnswered(inquiry_id=inquiry_id, working_minutes=waited, contact_id=contact_id, text=text)


class ReceiveInquiry(Command):
    """Record what the client asked. `occurred_at` is when it was received; the time to answer runs from then."""

    channel: Channel
    text: SomeText
    subject: OptionalWord = None
    key_person_id: Annotated[UUID | None, Field(description="Who asked")] = None

    refusals: ClassVar = ("unknown_key_person", "before_its_cause")
    examples: ClassVar = (
        {"channel": "email", "subject": "Pipes", "text": "What do forty tonnes of pipes cost, delivered in May?"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.key_person_id:
            client.key_persons.get_known(self.key_person_id, context)
        category = Category(client.card.category) if client.card.category else None
        allowed = context.regulation.hours_to_answer(category, self.channel)
        return [
            InquiryReceived(
                inquiry_id=context.new_id(),
                channel=self.channel,
                subject=self.subject,
                text=self.text,
                key_person_id=self.key_person_id,
                category=category,
                working_hours=allowed,
                due_at=context.calendar.after_working_hours(context.occurred_at, allowed),
            )
        ]


class AnswerInquiry(Command):
    """Record the answer to an inquiry. Where it was given in a contact, record that, with `answers_inquiry_id`."""

    inquiry_id: UUID
    text: SomeText

    refusals: ClassVar = ("unknown_inquiry", "inquiry_not_open", "before_its_cause")
    examples: ClassVar = ({"text": "920 a tonne, delivered by the 20th of May"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [client.inquiries.answered(self.inquiry_id, context, text=self.text)]


class CloseInquiry(Command):
    """Say that an inquiry needs no answer, and why."""

    inquiry_id: UUID
    reason: ClosingReason
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_inquiry", "inquiry_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "duplicate", "comment": "Asked by phone as well"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        inquiry = client.inquiries.get(self.inquiry_id, context)
        return [InquiryClosed(inquiry_id=inquiry.id, reason=self.reason, comment=self.comment)]
