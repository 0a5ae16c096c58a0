"""What each employee did on each day, in the days of a time zone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, and_, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.types import Channel
from projections.activity import CLIENTS, CONTACTS, IS_COLD_CALL, IS_FIRST, SENT_PROPOSALS

_DAY = timedelta(days=1)


class Days(NamedTuple):
    """Days of a time zone, from the first to the last."""

    first: date
    last: date
    time_zone: str

    @property
    def begin(self) -> datetime:
        """The instant at which the first day begins."""
        return datetime.combine(self.first, time(), ZoneInfo(self.time_zone))

    @property
    def end(self) -> datetime:
        """The instant at which the last day is over."""
        return datetime.combine(self.last + _DAY, time(), ZoneInfo(self.time_zone))

    def each(self) -> Iterator[date]:
        """The days, in order."""
        return (self.first + _DAY * number for number in range((self.last - self.first).days + 1))


class Work(NamedTuple):
    """What was done. `minutes` are those of contacts whose duration was written down, `timed` counts these contacts.

    `proposals`: proposals sent; one that is sent twice on a day counts once.
    """

    contacts: int = 0
    cold_calls: int = 0
    reached_calls: int = 0
    meetings: int = 0
    proposals: int = 0
    first_contacts: int = 0
    minutes: int = 0
    timed: int = 0
    phone: int = 0
    email: int = 0
    messenger: int = 0
    office_meeting: int = 0
    site_visit: int = 0
    exhibition: int = 0
    tender: int = 0

    def plus(self, other: "Work") -> "Work":
        """Both together."""
        return Work(*map(int.__add__, self, other))

    @property
    def by_channel(self) -> dict[Channel, int]:
        """The contacts by channel, without channels that were not used."""
        return {channel: count for channel in Channel if (count := getattr(self, channel.value))}


NO_WORK = Work()


class DayOfWork(NamedTuple):
    """What an employee did on a day."""

    employee_id: UUID
    day: date
    work: Work


async def work_by_day(
    connection: AsyncConnection, days: Days, employees: Iterable[UUID] | None = None
) -> list[DayOfWork]:
    """Every day on which an employee had any contact or sent a proposal; of these employees, if any are named."""
    named = None if employees is None else list(employees)
    worked = {(each.employee_id, each.day): each for each in await _contacts_by_day(connection, days, named)}
    for employee_id, day, count in await _proposals_by_day(connection, days, named):
        before = worked.get((employee_id, day), DayOfWork(employee_id, day, NO_WORK))
        worked[employee_id, day] = before._replace(work=before.work._replace(proposals=count))
    return list(worked.values())


async def _proposals_by_day(connection: AsyncConnection, days: Days, employees: Sequence[UUID] | None) -> Sequence[Any]:
    at, by = SENT_PROPOSALS.c.occurred_at, SENT_PROPOSALS.c.employee_id
    day = cast(func.timezone(days.time_zone, at), Date).label("day")
    query = select(by, day, func.count(SENT_PROPOSALS.c.proposal_id.distinct())).where(at >= days.begin, at < days.end)
    if employees is not None:
        query = query.where(by.in_(employees))
    return (await connection.execute(query.group_by(by, day))).all()


async def _contacts_by_day(
    connection: AsyncConnection, days: Days, employees: Sequence[UUID] | None
) -> list[DayOfWork]:
    at, columns = CONTACTS.c.occurred_at, _columns()
    day = cast(func.timezone(days.time_zone, at), Date).label("day")
    query = select(CONTACTS.c.employee_id, day, *(columns[name].label(name) for name in Work._fields))
    query = query.join(CLIENTS, CLIENTS.c.id == CONTACTS.c.client_id).where(at >= days.begin, at < days.end)
    if employees is not None:
        query = query.where(CONTACTS.c.employee_id.in_(employees))
    rows: Sequence[Any] = (await connection.execute(query.group_by(CONTACTS.c.employee_id, day))).all()
    return [DayOfWork(employee_id, on, Work(*numbers)) for employee_id, on, *numbers in rows]


def _columns() -> dict[str, ColumnElement[Any]]:
    by_phone = CONTACTS.c.channel == Channel.PHONE
    conditions = {
        "cold_calls": IS_COLD_CALL,
        "reached_calls": and_(by_phone, CONTACTS.c.reached),
        "meetings": CONTACTS.c.meeting,
        "first_contacts": IS_FIRST,
        "timed": CONTACTS.c.minutes.is_not(None),
        **{channel.value: CONTACTS.c.channel == channel for channel in Channel},
    }
    return {
        "contacts": func.count(),
        "proposals": literal(0),
        "minutes": func.coalesce(func.sum(CONTACTS.c.minutes), 0),
        **{name: func.count().filter(condition) for name, condition in conditions.items()},
    }
