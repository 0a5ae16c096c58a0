"""Obligations: what the firm owes the client by an agreement, by when, at what cost, and who sees to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.employee import present_employee
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Amount, Moment, OptionalText, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class ObligationUndertaken(Event, topic="obligations.undertaken", begins="obligation_id"):
    """The firm owes the client something by the agreement of a deal. Cost as planned, in the deal's currency."""

    obligation_id: UUID
    deal_id: UUID
    text: Personal[str]
    due_at: datetime
    cost: Decimal
    currency: str
    employee_id: UUID


class ObligationFulfilled(Event, topic="obligations.fulfilled"):
    """The firm did what it owed. `cost` is what it really cost, in the deal's currency."""

    obligation_id: UUID
    cost: Decimal
    comment: Personal[str] = None


class ObligationPostponed(Event, topic="obligations.postponed"):
    """The obligation is due at another time."""

    obligation_id: UUID
    due_at: datetime
    reason: Personal[str]


class ObligationWaived(Event, topic="obligations.waived"):
    """The firm does not owe it any more; it costs nothing."""

    obligation_id: UUID
    reason: Personal[str]


@dataclass(frozen=True, slots=True)
class Obligation:
    """An obligation with its `state`: open, fulfilled or waived. `since` is its last change."""

    id: UUID
    deal_id: UUID
    text: str | None
    due_at: datetime
    cost: Decimal
    currency: str
    employee_id: UUID
    since: datetime
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Obligations:
    """The obligations by id."""

    by_id: Mapping[UUID, Obligation] = field(default_factory=dict[UUID, Obligation])

    def evolve(self, recorded: Recorded) -> "Obligations":
        """After an obligation was undertaken, moved or ended."""
        at = recorded.occurred_at
        match recorded.event:
            case ObligationUndertaken() as event:
                return self._with(_undertaken(event, at))
            case ObligationFulfilled(obligation_id=key, cost=cost):
                return self._with(replace(self.by_id[key], since=at, state="fulfilled", cost=cost))
            case ObligationPostponed(obligation_id=key, due_at=due_at):
                return self._with(replace(self.by_id[key], since=at, due_at=due_at))
            case ObligationWaived(obligation_id=key):
                return self._with(replace(self.by_id[key], since=at, state="waived"))
            case _:
                return self

    def _with(self, obligation: Obligation) -> "Obligations":
        return Obligations({**self.by_id, obligation.id: obligation})

    @property
    def open(self) -> list[Obligation]:
        """What is still owed, the earliest due first."""
        found = (obligation for obligation in self.by_id.values() if obligation.state == "open")
        return sorted(found, key=lambda obligation: (obligation.due_at, obligation.id))

    def cost_of(self, deal_id: UUID) -> Decimal:
        """What the obligations of a deal cost, in its currency: those fulfilled as they did, those open as planned."""
        costs = (each.cost for each in self.by_id.values() if each.deal_id == deal_id and each.state != "waived")
        return sum(costs, Decimal())

    def get_open(self, obligation_id: UUID, context: RuleContext) -> Obligation:
        """The open obligation with this id, if its last change lies before the decision."""
        obligation = self.by_id.get(obligation_id)
        if obligation is None:
            raise Refused("unknown_obligation", obligation_id=obligation_id)
        if obligation.state != "open":
            raise Refused("obligation_not_open", obligation_id=obligation_id, state=obligation.state)
        refuse_before(obligation.since, context, obligation_id=obligation_id)
        return obligation


def _undertaken(event: ObligationUndertaken, at: datetime) -> Obligation:
    return Obligation(
        event.obligation_id,
        event.deal_id,
        event.text,
        event.due_at,
        event.cost,
        event.currency,
        event.employee_id,
        at,
    )


class UndertakeObligation(Command):
    """Record what the firm owes the client by the agreement of a deal that is open or won."""

    deal_id: UUID
    text: SomeText
    due_at: Moment
    cost: Annotated[Amount, Field(description="What it will cost the firm, in the deal's currency")] = Decimal()
    employee_id: Annotated[UUID | None, Field(description="Who sees to it; the one who records, when absent")] = None

    refusals: ClassVar = ("unknown_deal", "deal_not_open", "unknown_employee", "employee_left", "before_its_cause")
    examples: ClassVar = (
        {"text": "Train two operators on site", "due_at": "2030-02-15T10:00:00+03:00", "cost": "600.00"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get(self.deal_id, context, lost="deal_not_open")
        if self.employee_id:
            present_employee(self.employee_id, context)
        return [
            ObligationUndertaken(
                obligation_id=context.new_id(),
                deal_id=deal.id,
                text=self.text,
                due_at=self.due_at,
                cost=self.cost,
                currency=deal.currency,
                employee_id=self.employee_id or context.actor.employee_id,
            )
        ]


class FulfilObligation(Command):
    """Say that the firm did what it owed, and what that really cost."""

    obligation_id: UUID
    cost: Annotated[Amount | None, Field(description="In the deal's currency; as planned, when absent")] = None
    comment: OptionalText = None

    refusals: ClassVar = ("unknown_obligation", "obligation_not_open", "before_its_cause")
    examples: ClassVar = ({"cost": "640.00", "comment": "Took a day longer"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        obligation = client.obligations.get_open(self.obligation_id, context)
        cost = obligation.cost if self.cost is None else self.cost
        return [ObligationFulfilled(obligation_id=obligation.id, cost=cost, comment=self.comment)]


class PostponeObligation(Command):
    """Move an obligation to another time, with the reason."""

    obligation_id: UUID
    due_at: Moment
    reason: SomeText

    refusals: ClassVar = ("unknown_obligation", "obligation_not_open", "before_its_cause", "nothing_to_change")
    examples: ClassVar = ({"due_at": "2030-03-01T10:00:00+03:00", "reason": "Agreed with the client by phone"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        obligation = client.obligations.get_open(self.obligation_id, context)
        if obligation.due_at == self.due_at:
            raise Refused("nothing_to_change", due_at=obligation.due_at)
        return [ObligationPostponed(obligation_id=obligation.id, due_at=self.due_at, reason=self.reason)]


class WaiveObligation(Command):
    """Say why the firm does not owe it any more."""

    obligation_id: UUID
    reason: SomeText

    refusals: ClassVar = ("unknown_obligation", "obligation_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "The client trains its people itself"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        obligation = client.obligations.get_open(self.obligation_id, context)
        return [ObligationWaived(obligation_id=obligation.id, reason=self.reason)]
