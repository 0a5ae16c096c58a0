"""The work of employees on a lead: from when to when each had it, and how that ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.handoff_events import HandoffAccepted
from domain.types import STEPS, Variant

HANDED_ON, HANDED_BACK, REDISTRIBUTED = "handed_on", "handed_back", "redistributed"


class Work(NamedTuple):
    """An employee's work on a client in a step; `outcome` is None while he has it.

    `round`: how often the client was handed back before. `won_at`: when the first deal of the round was won.
    """

    step: str
    employee_id: UUID
    variant: str | None
    since: datetime
    until: datetime | None = None
    outcome: str | None = None
    failure_reason: str | None = None
    won_at: datetime | None = None
    round: int = 0


Works = tuple[Work, ...]


def reassigned(works: Works, event: EmployeeAssigned, at: datetime) -> Works:
    """After another employee, or the first one, was assigned."""
    reason = event.failure_reason.value if event.failure_reason else None
    begun = Work(event.step.value, event.employee_id, _text(event.variant), at, round=_round(works))
    return (*_closed(works, REDISTRIBUTED, at, reason), begun)


def handed_over(works: Works, event: HandoffAccepted, at: datetime) -> Works:
    """After the client went to another step."""
    forward = STEPS.index(event.to_step) > STEPS.index(event.from_step)
    number = _round(works) + (not forward)
    begun = Work(event.to_step.value, event.employee_id, _text(event.variant), at, round=number)
    return (*_closed(works, HANDED_ON if forward else HANDED_BACK, at), begun)


def _text(variant: Variant | None) -> str | None:
    return variant.value if variant else None


def won(works: Works, at: datetime) -> Works:
    """After a deal was won: it is the success of all who brought the client there in this round."""
    number = _round(works)
    return tuple(work._replace(won_at=at) if _has_won(work, number) else work for work in works)


def _has_won(work: Work, number: int) -> bool:
    return work.round == number and work.won_at is None and work.outcome in {None, HANDED_ON}


def _round(works: Sequence[Work]) -> int:
    return works[-1].round if works else 0


def _closed(works: Works, outcome: str, at: datetime, reason: str | None = None) -> Works:
    """With the work under way ended. What is dated late may end before it began in the order of the log."""
    if not works or works[-1].outcome:
        return works
    last = works[-1]
    return (*works[:-1], last._replace(until=max(last.since, at), outcome=outcome, failure_reason=reason))
