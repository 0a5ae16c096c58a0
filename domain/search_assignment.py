"""Search assignments: which enterprises to look for, in which industry and region, how many and by when.

One stream per assignment. Leads name the assignment they were found for, so that fact can be held against plan.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, field_validator

from domain.employee import Names, working_employee
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Day, Name, OptionalText, OptionalWord, Step

Wanted = Annotated[int, Field(ge=1, le=1_000_000, description="How many leads are to be found")]
FIELDS = ("title", "industry", "region", "size", "note", "wanted", "due_on", "employee_id")


class SearchAssignmentGiven(Event, topic="search_assignments.given"):
    """Leads of this kind are to be found by the end of `due_on`, by an employee where one is named."""

    title: Personal[str]
    wanted: int
    due_on: date
    industry: str | None = None
    region: str | None = None
    size: str | None = None
    employee_id: UUID | None = None
    note: Personal[str] = None


class SearchAssignmentChanged(Event, topic="search_assignments.changed"):
    """The fields named in `changed` have new values."""

    changed: Names
    title: Personal[str] = None
    wanted: int | None = None
    due_on: date | None = None
    industry: str | None = None
    region: str | None = None
    size: str | None = None
    employee_id: UUID | None = None
    note: Personal[str] = None


class SearchAssignmentClosed(Event, topic="search_assignments.closed"):
    """Nothing more is looked for under this assignment."""

    comment: Personal[str] = None


SEARCH_ASSIGNMENT_EVENTS: tuple[type[Event], ...] = (
    SearchAssignmentGiven,
    SearchAssignmentChanged,
    SearchAssignmentClosed,
)
"""All events of a search assignment's stream."""


@dataclass(frozen=True, slots=True)
class SearchAssignment:
    """A search assignment. `given_at` and `closed_at` are business time; None before they happened."""

    id: UUID
    version: int = 0
    given_at: datetime | None = None
    closed_at: datetime | None = None
    title: str | None = None
    wanted: int = 0
    due_on: date = date.min
    industry: str | None = None
    region: str | None = None
    size: str | None = None
    employee_id: UUID | None = None
    note: str | None = None

    @staticmethod
    def empty(stream_id: UUID) -> "SearchAssignment":
        """Before it was given."""
        return SearchAssignment(stream_id)

    def evolve(self, recorded: Recorded) -> "SearchAssignment":
        """The assignment after one more event."""
        version, at = recorded.version, recorded.occurred_at
        match recorded.event:
            case SearchAssignmentGiven() as event:
                return replace(self, version=version, given_at=at, **_values(event, FIELDS))
            case SearchAssignmentChanged(changed=changed) as event:
                return replace(self, version=version, **_values(event, changed))
            case SearchAssignmentClosed():
                return replace(self, version=version, closed_at=at)
            case _:
                return self


def _values(source: Event | Command, names: Collection[str]) -> dict[str, Any]:
    return {name: getattr(source, name) for name in names}


def open_search_assignment(key: UUID, context: RuleContext) -> SearchAssignment:
    """The assignment for which a lead is found; refused if there is none, or none any more."""
    found = context.known(SearchAssignment, key)
    if found is None:
        raise Refused("unknown_search_assignment", id=key)
    _refuse_unless_open(found, context)
    return found


def _refuse_unless_open(assignment: SearchAssignment, context: RuleContext) -> None:
    if assignment.given_at is None:
        raise Refused("unknown_search_assignment", id=assignment.id)
    if assignment.closed_at:
        raise Refused("search_assignment_closed", id=assignment.id, closed_at=assignment.closed_at)
    refuse_before(assignment.given_at, context, id=assignment.id)


class GiveSearchAssignment(Command):
    """Say which leads are to be found, how many and by when."""

    title: Name
    wanted: Wanted
    due_on: Day
    industry: OptionalWord = None
    region: OptionalWord = None
    size: OptionalWord = None
    employee_id: Annotated[UUID | None, Field(description="Who looks for them; the department, when absent")] = None
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_employee", "employee_left", "employee_not_in_step")
    examples: ClassVar = (
        {
            "title": "Foundries of the Ural",
            "industry": "metallurgy",
            "region": "Ural",
            "wanted": 60,
            "due_on": "2030-03-31",
        },
    )

    def decide(self, assignment: SearchAssignment, context: RuleContext) -> list[Event]:
        _check_employee(self.employee_id, context)
        return [SearchAssignmentGiven(**_values(self, FIELDS))]


class ChangeSearchAssignment(Command):
    """Change what was sent; fields that are absent stay as they are, null empties those that may be empty."""

    title: Name | None = None
    wanted: Wanted | None = None
    due_on: Day | None = None
    industry: OptionalWord = None
    region: OptionalWord = None
    size: OptionalWord = None
    employee_id: UUID | None = None
    note: OptionalText = None

    refusals: ClassVar = (
        "in_future",
        "unknown_search_assignment",
        "search_assignment_closed",
        "before_its_cause",
        "nothing_to_change",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
    )
    examples: ClassVar = ({"wanted": 80, "due_on": "2030-04-30"},)

    @field_validator("title", "wanted", "due_on")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("cannot be emptied with null")
        return value

    def decide(self, assignment: SearchAssignment, context: RuleContext) -> list[Event]:
        _refuse_unless_open(assignment, context)
        sent = {name: getattr(self, name) for name in self.model_fields_set if name in FIELDS}
        changed = {name: value for name, value in sent.items() if value != getattr(assignment, name)}
        if not changed:
            raise Refused("nothing_to_change", fields=sorted(sent))
        _check_employee(changed.get("employee_id"), context)
        return [SearchAssignmentChanged(changed=frozenset(changed), **changed)]


class CloseSearchAssignment(Command):
    """End the search, whether or not enough was found. Leads can no longer be registered for it."""

    comment: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_search_assignment", "search_assignment_closed", "before_its_cause")
    examples: ClassVar = ({"comment": "Everybody there was called"},)

    def decide(self, assignment: SearchAssignment, context: RuleContext) -> list[Event]:
        _refuse_unless_open(assignment, context)
        return [SearchAssignmentClosed(comment=self.comment)]


def _check_employee(employee_id: UUID | None, context: RuleContext) -> None:
    if employee_id:
        working_employee(employee_id, Step.LEAD_GENERATION, context)
