"""Where a client stands on the conveyor; several views show it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.handoff_events import HandoffAccepted
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import Step
from projections.standing import IN_WORK, STANDING_EVENTS, Standing


class Status(StrEnum):
    """Whether a client is worked, was given up, or is out of sight."""

    ACTIVE = "active"
    DISQUALIFIED = "disqualified"
    ARCHIVED = "archived"


PLACE_EVENTS: frozenset[type[Event]] = STANDING_EVENTS | {ClientRegistered, EmployeeAssigned, HandoffAccepted}
"""The events that `Place` folds."""


class Place(NamedTuple):
    """The client's step and since when it is there, who works or worked it by step, what keeps it from being worked."""

    step: str = Step.LEAD_GENERATION
    since: datetime | None = None
    owners: Mapping[str, UUID] = {}
    standing: Standing = IN_WORK

    @property
    def owner(self) -> UUID | None:
        """Who works the client in its present step."""
        return self.owners.get(self.step)

    @property
    def status(self) -> Status:
        """Archived weighs more than disqualified; a restored client may be disqualified still."""
        if self.standing.archived:
            return Status.ARCHIVED
        return Status.DISQUALIFIED if self.standing.disqualified else Status.ACTIVE

    def evolve(self, recorded: Recorded) -> "Place":
        """After one of `PLACE_EVENTS`."""
        match recorded.event:
            case ClientRegistered():
                return Place(since=recorded.occurred_at)
            case EmployeeAssigned(step=step, employee_id=employee_id):
                return self._replace(owners={**self.owners, step: employee_id})
            case HandoffAccepted(to_step=step, employee_id=employee_id):
                owners = {**self.owners, step: employee_id}
                return self._replace(step=step, since=recorded.occurred_at, owners=owners)
            case event:
                return self._replace(standing=self.standing.after(event))
