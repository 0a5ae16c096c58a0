"""Deals: opened with what is expected of them, won with what they brought and cost, lost with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, field_validator

from domain.client.deal_reasons import LossReason, WinReason
from domain.client.handoff_events import HandoffAccepted
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Amount, Currency, Day, EmptyIsNone, OptionalText, OptionalWord, Step

if TYPE_CHECKING:
    from domain.client.state import Client


EXPECTED = ("title", "amount", "close_on", "probability")
"""What may change while a deal is open."""
CloseOn = Annotated[Day | None, Field(description="When it is expected to close")]
Probability = Annotated[int, Field(ge=0, le=100, description="Per cent")] | None


class DealOpened(Event, topic="deals.opened", begins="deal_id"):
    """A deal is being worked. Probability in per cent."""

    deal_id: UUID
    step: Step
    title: Personal[str] = None
    amount: Decimal
    currency: str
    close_on: date | None = None
    probability: int | None = None


class DealChanged(Event, topic="deals.changed"):
    """What is expected of an open deal was changed: the fields named in `changed` have new values."""

    deal_id: UUID
    changed: tuple[str, ...]
    title: Personal[str] = None
    amount: Decimal | None = None
    close_on: date | None = None
    probability: int | None = None


class DealWon(Event, topic="deals.won"):
    """A deal was signed. Revenue and cost are in the deal's currency. Version 1 knew no reasons."""

    schema_version: ClassVar = 2

    deal_id: UUID
    step: Step
    revenue: Decimal
    cost: Decimal
    currency: str
    reason: WinReason | None = None
    comment: Personal[str] = None


class DealLost(Event, topic="deals.lost"):
    """A deal came to nothing."""

    deal_id: UUID
    reason: LossReason
    comment: Personal[str] = None


class DealReopened(Event, topic="deals.reopened"):
    """A lost deal is worked again."""

    deal_id: UUID
    comment: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with its `state`: open, won or lost. `amount` is the revenue once it is won, `since` its last change."""

    id: UUID
    title: str | None
    amount: Decimal
    currency: str
    since: datetime
    close_on: date | None = None
    probability: int | None = None
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Deals:
    """The client's deals by id, how many were won since it came into its step, and when the last was won."""

    by_id: Mapping[UUID, Deal] = field(default_factory=dict[UUID, Deal])
    won_in_step: int = 0
    last_won_at: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Deals":
        """After a deal was opened, changed or closed, or the client changed its step."""
        at = recorded.occurred_at
        match recorded.event:
            case DealOpened() as event:
                return self._with(_opened(event, at))
            case DealChanged(deal_id=key, changed=changed) as event:
                return self._after(key, at, **{name: getattr(event, name) for name in changed})
            case DealWon(deal_id=key, revenue=revenue):
                deals = self._after(key, at, state="won", amount=revenue)
                return replace(deals, won_in_step=self.won_in_step + 1, last_won_at=max(self.last_won_at or at, at))
            case DealLost(deal_id=key) | DealReopened(deal_id=key) as event:
                return self._after(key, at, state="lost" if isinstance(event, DealLost) else "open")
            case HandoffAccepted():
                return replace(self, won_in_step=0)
            case _:
                return self

    @property
    def sold_at(self) -> list[datetime]:
        """When the deals were won that brought something; one without revenue is no purchase."""
        return [deal.since for deal in self.by_id.values() if deal.state == "won" and deal.amount]

    def _after(self, key: UUID, at: datetime, **changes: Any) -> "Deals":
        return self._with(replace(self.by_id[key], since=at, **changes))

    def _with(self, deal: Deal) -> "Deals":
        return replace(self, by_id={**self.by_id, deal.id: deal})

    def get(self, deal_id: UUID, context: RuleContext, **refused_states: str) -> Deal:
        """The deal with this id, if its last change lies before the decision.

        `refused_states` names the states that it may not be in, each with the code of the refusal.
        """
        deal = self.by_id.get(deal_id)
        if deal is None:
            raise Refused("unknown_deal", deal_id=deal_id)
        if deal.state in refused_states:
            raise Refused(refused_states[deal.state], deal_id=deal_id, state=deal.state)
        refuse_before(deal.since, context, deal_id=deal_id, state=deal.state)
        return deal

    def get_open(self, deal_id: UUID, context: RuleContext) -> Deal:
        """The open deal with this id."""
        return self.get(deal_id, context, won="deal_not_open", lost="deal_not_open")

    def get_won(self, deal_id: UUID, context: RuleContext) -> Deal:
        """The won deal with this id."""
        return self.get(deal_id, context, open="deal_not_won", lost="deal_not_won")


def _opened(event: DealOpened, at: datetime) -> Deal:
    return Deal(event.deal_id, event.title, event.amount, event.currency, at, event.close_on, event.probability)


def _refuse_unless_deals_allowed(client: "Client", context: RuleContext) -> None:
    """Deals are worked in the two later steps, and in the first deal only until the handoff is due."""
    if client.step is Step.LEAD_GENERATION:
        raise Refused("wrong_step", step=client.step, needed=[Step.FIRST_DEAL, Step.ACCOUNT_SERVICE])
    allowed = context.regulation.rules(Step.FIRST_DEAL).max_deals_before_handoff
    if client.step is Step.FIRST_DEAL and client.deals.won_in_step >= allowed:
        raise Refused("handoff_due", won=client.deals.won_in_step, max_deals_before_handoff=allowed)
    refuse_before(client.handoffs.step_since, context, step=client.step)


class OpenDeal(Command):
    """Open a deal with the amount expected of it."""

    title: OptionalWord = None
    amount: Amount
    currency: Currency
    close_on: CloseOn = None
    probability: Probability = None

    refusals: ClassVar = ("wrong_step", "handoff_due", "before_its_cause", "client_disqualified")
    examples: ClassVar = ({"title": "Trial delivery", "amount": "12000.00", "currency": "EUR", "probability": 60},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        _refuse_unless_deals_allowed(client, context)
        return [
            DealOpened(
                deal_id=context.new_id(),
                step=client.step,
                title=self.title,
                amount=self.amount,
                currency=self.currency,
                close_on=self.close_on,
                probability=self.probability,
            )
        ]


class ChangeDeal(Command):
    """Change what is expected of an open deal: what was sent; null empties a field."""

    deal_id: UUID
    title: OptionalWord = None
    amount: Amount | None = None
    close_on: CloseOn = None
    probability: Probability = None

    refusals: ClassVar = ("unknown_deal", "deal_not_open", "before_its_cause", "nothing_to_change")
    examples: ClassVar = ({"amount": "15000.00", "probability": 80},)

    @field_validator("amount")
    @classmethod
    def _kept(cls, value: Decimal | None) -> Decimal:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        sent = {name: getattr(self, name) for name in EXPECTED if name in self.model_fields_set}
        changed = {name: value for name, value in sent.items() if value != getattr(deal, name)}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        return [DealChanged(deal_id=deal.id, changed=tuple(sorted(changed)), **changed)]


class WinDeal(Command):
    """Close an open deal with its actual revenue and cost, in the deal's currency; say why it was won, if you know."""

    deal_id: UUID
    revenue: Amount
    cost: Amount
    reason: Annotated[WinReason | None, EmptyIsNone] = None
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_not_open",
        "wrong_step",
        "handoff_due",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {"revenue": "12000.00", "cost": "8000.00"},
        {"revenue": "12000.00", "cost": "8000.00", "reason": "speed", "comment": "Delivered within a week"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        _refuse_unless_deals_allowed(client, context)
        return [
            DealWon(
                deal_id=deal.id,
                step=client.step,
                revenue=self.revenue,
                cost=self.cost,
                currency=deal.currency,
                reason=self.reason,
                comment=self.comment,
            )
        ]


class LoseDeal(Command):
    """Close an open deal as lost, with the reason."""

    deal_id: UUID
    reason: LossReason
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_deal", "deal_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "price", "comment": "10 % cheaper elsewhere"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        return [DealLost(deal_id=deal.id, reason=self.reason, comment=self.comment)]


class ReopenDeal(Command):
    """Work a lost deal again."""

    deal_id: UUID
    comment: OptionalText = None

    refusals: ClassVar = (
        "unknown_deal",
        "deal_open",
        "deal_won",
        "wrong_step",
        "handoff_due",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({"comment": "The competitor did not deliver"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get(self.deal_id, context, open="deal_open", won="deal_won")
        _refuse_unless_deals_allowed(client, context)
        return [DealReopened(deal_id=deal.id, comment=self.comment)]
