"""Employees whom a file names: registered when new, and given the step that the file shows them in."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.execute import EMPLOYEE, Call
from app.importer.history import Telling
from app.importer.planning import Entry
from app.importer.records import Staff
from app.importer.services import Services
from app.mapper import NO_DIGEST
from app.store import VersionConflict
from domain.employee import ChangeEmployee, Employee, RegisterEmployee
from domain.kernel import Actor, Refused
from domain.types import Role, Step


@dataclass(slots=True)
class _Shown:
    """What the rows of a batch show of an employee: from when, in which steps and roles."""

    staff: Staff
    since: datetime
    steps: frozenset[Step] = frozenset()
    roles: frozenset[Role] = frozenset()


class Staffing:
    """Sees to it that the employees of the records about to go in are registered. `created` are those who were new."""

    def __init__(self, services: Services, *, dry_run: bool) -> None:
        self._services = services
        self._dry_run = dry_run
        self.created: set[UUID] = set()

    async def ensure(self, entries: Iterable[Entry], telling: Telling) -> None:
        """Register or extend the employees named by these records, as of the first date on which they appear."""
        shown = _shown(entries)
        new = [item for item in shown if self._services.directory.employee(item.staff.id) is None]
        self.created.update(item.staff.id for item in new)
        if self._dry_run:
            return
        if new:
            await asyncio.gather(*(self._register(item, telling) for item in new))
            await self._services.directory.refresh()
        for item in shown:
            await self._extend(item, telling)

    async def _register(self, shown: _Shown, telling: Telling) -> None:
        staff = shown.staff
        command = RegisterEmployee(
            code=staff.code, name=staff.name, roles=shown.roles, steps=shown.steps, department=staff.department
        )
        events = command.decide(Employee.empty(staff.id), telling.context(shown.since))
        facts = [(event, shown.since) for event in events]
        with suppress(VersionConflict):
            await self._services.store.append(telling.append(staff.id, 0, NO_DIGEST, facts))

    async def _extend(self, shown: _Shown, telling: Telling) -> None:
        """Give an employee who was known before the steps, unless he has left since."""
        known = self._services.directory.employee(shown.staff.id)
        if known is None or known.has_left or shown.steps <= known.steps:
            return
        steps, roles = known.steps | shown.steps, known.roles | shown.roles
        command = ChangeEmployee.model_validate({"steps": steps, "roles": roles})
        call = Call(Actor(telling.actor, frozenset()), telling.run_id)
        with suppress(Refused):
            await self._services.executor.execute(EMPLOYEE, known.id, command, call)


def _shown(entries: Iterable[Entry]) -> list[_Shown]:
    found: dict[UUID, _Shown] = {}
    for entry in entries:
        at = entry.record.at
        for staff in entry.record.staff:
            shown = found.setdefault(staff.id, _Shown(staff, at))
            shown.since = min(shown.since, at)
            shown.steps |= {staff.step}
            shown.roles |= staff.roles
    return list(found.values())
