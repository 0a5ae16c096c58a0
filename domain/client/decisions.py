"""Decisions about a client: what was decided, on what basis, by whom."""

from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from domain.kernel import Command, Event, Personal, Refused
from domain.regulation.state import RuleContext
from domain.types import OptionalText, SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class DecisionMade(Event, topic="decisions.made", begins="decision_id"):
    """Somebody decided something about the client: `decided_by`, or the actor of the envelope where it is absent."""

    decision_id: UUID
    text: Personal[str]
    basis: Personal[str] = None
    decided_by: UUID | None = None


class RecordDecision(Command):
    """Record a decision and what it rests on."""

    text: SomeText
    basis: OptionalText = None
    decided_by: Annotated[UUID | None, Field(description="Who decided; the one who records, when absent")] = None

    refusals: ClassVar = ("unknown_employee",)
    examples: ClassVar = ({"text": "Work without prepayment", "basis": "Paid in time for two years"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.decided_by and not context.employee(self.decided_by):
            raise Refused("unknown_employee", id=self.decided_by)
        decided_by = self.decided_by or context.actor.employee_id
        return [DecisionMade(decision_id=context.new_id(), text=self.text, basis=self.basis, decided_by=decided_by)]
