"""Qualification: whether a lead is worth the next step; disqualification, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from domain.client.handoff_events import HandoffAccepted
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.regulation.step_rules import Criterion
from domain.types import EARLIEST, OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


class DisqualificationReason(StrEnum):
    """Why a client is given up."""

    NO_CONTACT = "no_contact"
    NO_NEED = "no_need"
    NO_BUDGET = "no_budget"
    PRICE = "price"
    COMPETITOR = "competitor"
    TIMING = "timing"
    NOT_A_TARGET = "not_a_target"
    OTHER = "other"


class ClientQualified(Event, topic="qualification.qualified"):
    """The client met the criteria in force and may be handed to the first deal."""

    step: Step
    criteria: tuple[Criterion, ...]
    need: Personal[str] = None


class ClientDisqualified(Event, topic="qualification.disqualified"):
    """The client was given up in this step."""

    step: Step
    reason: DisqualificationReason
    comment: Personal[str] = None


class ClientReopened(Event, topic="qualification.reopened"):
    """A client that had been given up is worked again, in the step where it was."""

    step: Step
    comment: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Qualification:
    """Whether the client is qualified for the next step, its need, and why it was given up.

    `criteria` are those it was qualified by; `since` is when it was last judged (business time).
    """

    qualified: bool = False
    criteria: tuple[Criterion, ...] = ()
    need: str | None = None
    disqualified: str | None = None
    since: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Qualification":
        """After a judgement on the client; an accepted handoff asks for a new one."""
        match recorded.event:
            case ClientQualified(criteria=criteria, need=need):
                return replace(self, qualified=True, criteria=criteria, need=need, since=recorded.occurred_at)
            case ClientDisqualified(reason=reason):
                return replace(self, qualified=False, disqualified=reason, since=recorded.occurred_at)
            case ClientReopened():
                return replace(self, disqualified=None, since=recorded.occurred_at)
            case HandoffAccepted():
                return replace(self, qualified=False)
            case _:
                return self


class QualifyClient(Command):
    """Confirm that the client meets the criteria of lead generation. `need` is what it needs, in a few words."""

    need: OptionalText = None

    refusals: ClassVar = (
        "wrong_step",
        "already_qualified",
        "criteria_not_met",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({"need": "Pipes, 40 tonnes a month"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.step is not Step.LEAD_GENERATION:
            raise Refused("wrong_step", step=client.step, needed=Step.LEAD_GENERATION)
        if client.qualification.qualified:
            raise Refused("already_qualified", step=client.step)
        criteria = context.regulation.rules(client.step).qualification_criteria
        refuse_unless_met(client, criteria, self.need, context)
        _refuse_before_last_judgement(client, context)
        return [ClientQualified(step=client.step, criteria=criteria, need=self.need)]


def refuse_unless_met(client: "Client", criteria: Sequence[Criterion], need: str | None, context: RuleContext) -> None:
    """Refuse where a criterion is not met, or was met only after the decision.

    What is asked of a key person has to be true of one and the same: of the one of whom most is.
    """
    wanted = [criterion for criterion in criteria if criterion is not Criterion.NEED_CONFIRMED]
    met = min(_met_by_persons(client), key=lambda moments: _distance(moments, wanted))
    missing = [criterion for criterion in wanted if met[criterion] is None]
    if Criterion.NEED_CONFIRMED in criteria and not need:
        missing.append(Criterion.NEED_CONFIRMED)
    if missing:
        raise Refused("criteria_not_met", missing=sorted(missing, key=criteria.index), criteria=criteria)
    for criterion in wanted:
        refuse_before(met[criterion], context, criterion=criterion)


_Moments = dict[Criterion, datetime | None]


def _met_by_persons(client: "Client") -> list[_Moments]:
    """Since when each key person meets what is asked of one; one who meets nothing where there is nobody."""
    persons, reached = client.key_persons, client.contacts.reached
    return [
        {
            Criterion.KEY_PERSON_KNOWN: person.since,
            Criterion.KEY_PERSON_TYPE_KNOWN: persons.typed_at.get(person.id) if person.personality_type else None,
            Criterion.KEY_PERSON_REACHED: reached.get(person.id),
        }
        for person in persons.by_id.values()
    ] or [dict.fromkeys(Criterion)]


def _distance(moments: _Moments, wanted: Sequence[Criterion]) -> tuple[int, datetime]:
    """How much is missing of what is wanted, and since when the rest is there."""
    there = [moment for criterion in wanted if (moment := moments[criterion])]
    return len(wanted) - len(there), max(there, default=EARLIEST)


def _refuse_before_last_judgement(client: "Client", context: RuleContext) -> None:
    refuse_before(client.handoffs.step_since, context, step=client.step)
    refuse_before(client.qualification.since, context, step=client.step)


class DisqualifyClient(Command):
    """Give the client up in its present step, with the reason."""

    reason: DisqualificationReason
    comment: OptionalText = None

    refusals: ClassVar = ("handoff_pending", "before_its_cause", "client_disqualified")
    examples: ClassVar = ({"reason": "no_need", "comment": "Has a plant of its own"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        _refuse_before_last_judgement(client, context)
        return [ClientDisqualified(step=client.step, reason=self.reason, comment=self.comment)]


class ReopenClient(Command):
    """Work a client again that had been given up."""

    comment: OptionalText = None

    refusals: ClassVar = ("client_not_disqualified", "before_its_cause")
    examples: ClassVar = ({"comment": "The plant was sold"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if not client.qualification.disqualified:
            raise Refused("client_not_disqualified", id=client.id)
        _refuse_before_last_judgement(client, context)
        return [ClientReopened(step=client.step, comment=self.comment)]
