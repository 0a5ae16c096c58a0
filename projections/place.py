"""Where a client stands on the conveyor; several views show it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.handoff_events import HandoffAccepted
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import Step
from projections.standing import IN_WORK, STANDING_EVENTS, Standing


class Status(StrEnum):
    """Whether a client is worked, was given up, is out of sight, or another one stands for it."""

    ACTIVE = "active"
    DISQUALIFIED = "disqualified"
    ARCHIVED = "archived"
    MERGED = "merged"


PLACE_EVENTS: frozenset[type[Event]] = STANDING_EVENTS | {ClientRegistered, EmployeeAssigned, HandoffAccepted}
"""The events that `Place` folds."""


class Place(NamedTuple):
    """The client's step and since when it is there, who works or worked it by step, what keeps it from being worked."""

    step: str = Step.LEAD_GENERATION.value
    since: datetime | None = None
    owners: Mapping[str, UUID] = {}
    standing: Standing = IN_WORK

    @property
    def owner(self) -> UUID | None:
        """Who works the client in its present step."""
        return self.owners.get(self.step)

    @property
    def status(self) -> Status:
        """Merged weighs more than archived, archived more than disqualified; what weighs less may hold still."""
        if self.standing.merged_into:
            return Status.MERGED
        if self.standing.archived:
            return Status.ARCHIVED
        return Status.DISQUALIFIED if self.standing.disqualified else Status.ACTIVE

    def evolve(self, recorded: Recorded) -> "Place":
        """After one of `PLACE_EVENTS`."""
        return _FOLDS.get(type(recorded.event), _stood)(self, recorded.event, recorded.occurred_at)


def _registered(_place: Place, _event: ClientRegistered, at: datetime) -> Place:
    return Place(since=at)


def _assigned(place: Place, event: EmployeeAssigned, _at: datetime) -> Place:
    return Place(place.step, place.since, {**place.owners, event.step.value: event.employee_id}, place.standing)


def _handed_over(place: Place, event: HandoffAccepted, at: datetime) -> Place:
    step = event.to_step.value
    return Place(step, at, {**place.owners, step: event.employee_id}, place.standing)


def _stood(place: Place, event: Event, _at: datetime) -> Place:
    return Place(place.step, place.since, place.owners, place.standing.after(event))


_FOLDS: Mapping[type[Event], Callable[[Place, Any, datetime], Place]] = {
    ClientRegistered: _registered,
    EmployeeAssigned: _assigned,
    HandoffAccepted: _handed_over,
}
"""How each event is taken in; the others change the standing."""
