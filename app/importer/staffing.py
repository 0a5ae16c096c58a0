"""Employees whom a file names: registered when new, and given the step that the file shows them in."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.directory import Directory
from app.execute import EMPLOYEE, Call, Executor
from app.importer.history import Telling
from app.importer.planning import Entry
from app.importer.records import Staff
from domain.employee import ChangeEmployee, Employee, RegisterEmployee
from domain.kernel import Actor, Command, Refused
from domain.types import Role, Step


@dataclass(slots=True)
class _Shown:
    """What the rows of a batch show of an employee: from when, in which steps and roles."""

    staff: Staff
    since: datetime
    steps: frozenset[Step] = frozenset()
    roles: frozenset[Role] = frozenset()


@dataclass(slots=True)
class Staffing:
    """Sees to it that the employees of the records about to go in are registered. `created` are those who were new."""

    executor: Executor
    directory: Directory
    telling: Telling
    dry_run: bool
    created: set[UUID] = field(default_factory=set[UUID])

    async def ensure(self, entries: Iterable[Entry]) -> None:
        """Register or extend the employees named by these records, as of the first date on which they appear."""
        commands = [command for shown in _shown(entries) if (command := self._command(shown))]
        if not self.dry_run:
            await asyncio.gather(*(self._execute(staff_id, command) for staff_id, command in commands))

    def _command(self, shown: _Shown) -> tuple[UUID, Command] | None:
        known = self.directory.employee(shown.staff.id)
        if known is None:
            self.created.add(shown.staff.id)
            return shown.staff.id, _registration(shown)
        if known.has_left or shown.steps <= known.steps:
            return None
        return known.id, _extension(known, shown)

    async def _execute(self, staff_id: UUID, command: Command) -> None:
        call = Call(Actor(self.telling.actor, frozenset()), self.telling.run_id)
        try:
            await self.executor.execute(EMPLOYEE, staff_id, command, call)
        except Refused as refused:
            if refused.code not in {"employee_exists", "nothing_to_change", "employee_left"}:
                raise


def _shown(entries: Iterable[Entry]) -> Iterable[_Shown]:
    found: dict[UUID, _Shown] = {}
    for entry in entries:
        at = entry.record.at
        for staff in entry.record.staff:
            shown = found.setdefault(staff.id, _Shown(staff, at))
            shown.since = min(shown.since, at)
            shown.steps |= {staff.step}
            shown.roles |= staff.roles
    return found.values()


def _registration(shown: _Shown) -> RegisterEmployee:
    staff = shown.staff
    return RegisterEmployee(
        code=staff.code,
        name=staff.name,
        roles=shown.roles,
        steps=shown.steps,
        department=staff.department,
        occurred_at=shown.since,
    )


def _extension(known: Employee, shown: _Shown) -> ChangeEmployee:
    return ChangeEmployee.model_validate({"steps": known.steps | shown.steps, "roles": known.roles | shown.roles})
