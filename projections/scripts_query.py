"""How far conversations come with each version of a script, where they break off, and what comes of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Channel
from projections.activity import CONTACTS
from projections.period import Period

Outcomes = Mapping[str, int]


class Conversations(NamedTuple):
    """Which conversations to count; None does not restrict."""

    period: Period = Period()
    script_id: UUID | None = None
    employee_id: UUID | None = None
    channel: Channel | None = None


@dataclass
class StepFigures:
    """Conversations that came to the step, that broke off at it, and the outcomes of those that came to it."""

    reached: int = 0
    broke_off: int = 0
    outcomes: dict[str, int] = field(default_factory=dict[str, int])


@dataclass
class VersionFigures:
    """The conversations with one version of a script; `completed` were followed to the end. `steps` by key."""

    script_id: UUID
    version: int
    conversations: int = 0
    completed: int = 0
    outcomes: dict[str, int] = field(default_factory=dict[str, int])
    steps: dict[str, StepFigures] = field(default_factory=lambda: defaultdict(StepFigures))


async def script_figures(connection: AsyncConnection, wanted: Conversations) -> list[VersionFigures]:
    """The figures of every version that was followed, by script and version."""
    found: dict[tuple[UUID, int], VersionFigures] = {}
    key = (CONTACTS.c.script_id, CONTACTS.c.script_version)
    completed = func.count().filter(CONTACTS.c.broke_off_at.is_(None))
    query = select(*key, CONTACTS.c.outcome, func.count(), completed).where(*_conditions(wanted))
    rows: Sequence[Any] = (await connection.execute(query.group_by(*key, CONTACTS.c.outcome).order_by(*key))).all()
    for script_id, version, outcome, count, whole in rows:
        figures = found.setdefault((script_id, version), VersionFigures(script_id, version))
        figures.conversations += count
        figures.completed += whole
        figures.outcomes[outcome] = count
    await _add_steps(connection, wanted, found)
    return list(found.values())


async def _add_steps(
    connection: AsyncConnection, wanted: Conversations, found: Mapping[tuple[UUID, int], VersionFigures]
) -> None:
    columns = (CONTACTS.c.script_id, CONTACTS.c.script_version, CONTACTS.c.outcome, CONTACTS.c.broke_off_at)
    came_to = (
        select(*columns, func.unnest(CONTACTS.c.script_steps).label("step")).where(*_conditions(wanted)).subquery()
    )
    key = (came_to.c.script_id, came_to.c.script_version, came_to.c.step, came_to.c.outcome)
    broke_off = func.count().filter(came_to.c.broke_off_at == came_to.c.step)
    rows: Sequence[Any] = (
        await connection.execute(select(*key, func.count(), broke_off).group_by(*key).order_by(*key))
    ).all()
    for script_id, version, step, outcome, count, off in rows:
        figures = found[script_id, version].steps[step]
        figures.reached += count
        figures.broke_off += off
        figures.outcomes[outcome] = count


def _conditions(wanted: Conversations) -> list[ColumnElement[bool]]:
    exact = {name: getattr(wanted, name) for name in ("script_id", "employee_id", "channel")}
    return [
        CONTACTS.c.script_id.is_not(None),
        *wanted.period.covers(CONTACTS.c.occurred_at),
        *(CONTACTS.c[name] == value for name, value in exact.items() if value is not None),
    ]
