"""Norms: what an employee is expected to reach on a working day, by role or for himself, each from a day on."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.kernel import Command, Event, Refused
from domain.types import Day, Role

if TYPE_CHECKING:
    from domain.regulation.state import Regulation, RuleContext

PerDay = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)]
COLD_CALLS = Field(description="Outbound calls to clients to whom nobody had spoken before")
REACHED_CALLS = Field(description="Calls, outbound or inbound, in which somebody was spoken to")


class DailyNorms(BaseModel):
    """What is expected on one working day; 0 asks for nothing. Half a meeting a day is one in two days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cold_calls: Annotated[PerDay, COLD_CALLS] = Decimal()
    reached_calls: Annotated[PerDay, REACHED_CALLS] = Decimal()
    meetings: PerDay = Decimal()
    proposals: PerDay = Decimal()


MEASURES = tuple(DailyNorms.model_fields)
"""What norms are about."""


class Whose(NamedTuple):
    """Those for whom norms hold: everybody of a role, or one employee, for whom they replace those of his roles."""

    role: str | None = None
    employee_id: UUID | None = None


Norms = Mapping[Whose, Mapping[date, DailyNorms]]
"""All norms, by the day from which they hold."""


def norms_on(norms: Norms, day: date, employee_id: UUID, roles: Iterable[str]) -> DailyNorms | None:
    """What is expected of an employee on a day: his own norms, else of each measure the most that a role of his asks.

    None where nobody has said what is expected.
    """
    own = _in_force(norms.get(Whose(employee_id=employee_id), {}), day)
    if own:
        return own
    found = [each for role in roles if (each := _in_force(norms.get(Whose(role), {}), day))]
    return DailyNorms(**{name: max(getattr(each, name) for each in found) for name in MEASURES}) if found else None


def _in_force(by_day: Mapping[date, DailyNorms], day: date) -> DailyNorms | None:
    return by_day[latest] if (latest := _latest(by_day, day)) else None


def _latest(days: Collection[date], day: date) -> date | None:
    return max((begin for begin in days if begin <= day), default=None)


class NormsSet(Event, topic="regulation.norms_set"):
    """Other norms hold from a day on."""

    role: Role | None
    employee_id: UUID | None
    effective_from: date
    norms: DailyNorms

    @property
    def whose(self) -> Whose:
        """For whom they hold."""
        return Whose(self.role.value if self.role else None, self.employee_id)

    def evolve(self, norms: Norms) -> dict[Whose, Mapping[date, DailyNorms]]:
        """All norms, with these in place."""
        return {**norms, self.whose: {**norms.get(self.whose, {}), self.effective_from: self.norms}}


class SetNorms(Command):
    """Say what is expected on a working day from a day on: of a role, or of one employee."""

    role: Role | None = None
    employee_id: UUID | None = None
    effective_from: Day
    norms: DailyNorms

    refusals: ClassVar = ("in_future", "unknown_employee", "nothing_to_change")
    examples: ClassVar = (
        {
            "role": "cold_contact_manager",
            "effective_from": "2030-02-01",
            "norms": {"cold_calls": "60", "reached_calls": "25", "meetings": "1.5"},
        },
    )

    @model_validator(mode="after")
    def _for_somebody(self) -> "SetNorms":
        if (self.role is None) == (self.employee_id is None):
            raise ValueError("send either role or employee_id")
        return self

    def decide(self, regulation: "Regulation", context: "RuleContext") -> list[Event]:
        if self.employee_id and not context.employee(self.employee_id):
            raise Refused("unknown_employee", id=self.employee_id)
        event = NormsSet(
            role=self.role, employee_id=self.employee_id, effective_from=self.effective_from, norms=self.norms
        )
        if regulation.norms.get(event.whose, {}).get(self.effective_from) == self.norms:
            raise Refused("nothing_to_change", effective_from=self.effective_from)
        return [event]
