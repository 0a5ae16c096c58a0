"""Plan and fact, selling time and distributions, from contacts in the database to the figures."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median, quantiles
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.calendar import Calendar, CalendarDay
from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.employee import Employee, Employment
from domain.regulation.norms import DailyNorms, Whose
from domain.types import Channel, Role
from projections.activity import ActivityView
from projections.activity_query import DayOfWork, Days, Work, work_by_day
from projections.norms_report import NormsBy, Span, distributions, norms_report, selling_times
from tests.projections.filled import fill_with
from tests.spec import CLIENT_ID, CLOSER, SELLER, START, at

MOSCOW = "Europe/Moscow"
MARCH = date(2026, 3, 1)
COLD, CLOSING = Role.COLD_CONTACT_MANAGER, Role.CLOSING_MANAGER
ANNA = replace(SELLER, roles=frozenset({COLD}), department="north", employment=(Employment(START),))
BORIS = replace(CLOSER, roles=frozenset({COLD, CLOSING}), department="south", employment=(Employment(START),))
STAFF = [ANNA, BORIS]
NORMS = {Whose(COLD): {MARCH: DailyNorms(cold_calls=Decimal(10), meetings=Decimal("0.5"))}}
WEEK = Days(date(2026, 3, 2), date(2026, 3, 8), "UTC")


def contact(number: int, **changes: Any) -> ContactRecorded:
    event = ContactRecorded(
        contact_id=UUID(int=number),
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        outcome=Outcome.REACHED,
        summary="Talked",
    )
    return event.model_copy(update=changes)


async def worked(engine: AsyncEngine, days: Days, *history: Any) -> dict[tuple[UUID, date], Work]:
    """What employees did by day, read from the database."""
    await fill_with(engine, ActivityView(), [(CLIENT_ID, history)])
    async with engine.connect() as connection:
        return {(each.employee_id, each.day): each.work for each in await work_by_day(connection, days)}


async def test_what_counts_on_a_day(engine: AsyncEngine) -> None:
    found = await worked(
        engine,
        WEEK,
        at(START, contact(1, outcome=Outcome.NO_ANSWER, duration_minutes=1), ANNA),
        at(START, contact(2, duration_minutes=9), ANNA),
        at(START, contact(3, channel=Channel.SITE_VISIT, duration_minutes=90), BORIS),
        at(START + timedelta(days=1), contact(4, channel=Channel.EMAIL, direction=Direction.INBOUND), ANNA),
        at(START + timedelta(days=7), contact(5), ANNA),
    )
    monday = found[ANNA.id, date(2026, 3, 2)]
    assert (monday.contacts, monday.cold_calls, monday.reached_calls, monday.first_contacts) == (2, 2, 1, 1)
    assert (monday.minutes, monday.timed, monday.by_channel) == (10, 2, {Channel.PHONE: 2})
    assert found[BORIS.id, date(2026, 3, 2)].meetings == 1
    assert (found[ANNA.id, date(2026, 3, 3)].contacts, found[ANNA.id, date(2026, 3, 3)].timed) == (1, 0)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", date(2026, 3, 2)), (MOSCOW, date(2026, 3, 3)), ("Asia/Kathmandu", date(2026, 3, 3))]
)
async def test_days_are_those_of_the_time_zone(engine: AsyncEngine, zone: str, day: date) -> None:
    late = datetime(2026, 3, 2, 21, 30, tzinfo=START.tzinfo)
    days = Days(day, day, zone)
    assert list(await worked(engine, days, at(late, contact(1), ANNA))) == [(ANNA.id, day)]
    other = Days(day + timedelta(days=1), day + timedelta(days=1), zone)
    assert await worked(engine, other, at(late, contact(1), ANNA)) == {}


def lines(work: list[DayOfWork], by: NormsBy, span: Span, calendar: Calendar | None = None, **changes: Any) -> Any:
    arguments: dict[str, Any] = {"staff": STAFF, "norms": NORMS, "days": WEEK} | changes
    return norms_report(work, calendar=calendar or Calendar(), by=by, span=span, **arguments)


MONDAY = [
    DayOfWork(ANNA.id, WEEK.first, Work(12, cold_calls=9)),
    DayOfWork(BORIS.id, WEEK.first, Work(3, cold_calls=2)),
]


class TestNormsReport:
    def test_the_plan_is_counted_in_working_days(self) -> None:
        calendar = Calendar(exceptions={date(2026, 3, 6): CalendarDay(None), date(2026, 3, 7): CalendarDay(None)})
        report = lines(MONDAY, NormsBy.EMPLOYEE, Span.WEEK, calendar)
        anna = next(line for line in report.lines if line.group == str(ANNA.id))
        assert (anna.begin, anna.working_days, anna.work.cold_calls) == (WEEK.first, 4, 9)
        assert (anna.plan["cold_calls"], anna.plan["meetings"]) == (40, 2)
        assert (report.total.working_days, report.total.plan["cold_calls"], report.total.work.cold_calls) == (8, 80, 11)

    def test_who_has_two_roles_is_in_both_and_once_in_the_total(self) -> None:
        report = lines(MONDAY, NormsBy.ROLE, Span.MONTH)
        assert [(line.begin, line.group, line.work.contacts) for line in report.lines] == [
            (MARCH, CLOSING, 3),
            (MARCH, COLD, 15),
        ]
        assert report.total.work.contacts == 15

    def test_by_day_and_department(self) -> None:
        report = lines(MONDAY, NormsBy.DEPARTMENT, Span.DAY)
        assert [(line.begin, line.group) for line in report.lines][:3] == [
            (WEEK.first, "north"),
            (WEEK.first, "south"),
            (date(2026, 3, 3), "north"),
        ]
        assert len(report.lines) == 10

    def test_nothing_is_planned_before_somebody_came_and_after_he_left(self) -> None:
        tuesday, thursday = START + timedelta(days=1), START + timedelta(days=3)
        staff = [replace(ANNA, employment=(Employment(tuesday, tuesday), Employment(thursday)))]
        report = lines([], NormsBy.EMPLOYEE, Span.DAY, staff=staff)
        assert [line.begin.day for line in report.lines] == [3, 5, 6]

    def test_work_on_a_day_off_counts_without_a_plan(self) -> None:
        report = lines([DayOfWork(ANNA.id, WEEK.last, Work(1))], NormsBy.EMPLOYEE, Span.DAY, norms={})
        [line] = report.lines
        assert (line.begin, line.working_days, line.plan["cold_calls"], line.work.contacts) == (WEEK.last, 0, 0, 1)

    @given(st.lists(st.tuples(st.sampled_from(STAFF), st.integers(0, 6), st.integers(0, 9)), max_size=9))
    def test_any_span_and_group_of_one_adds_up_to_the_total(self, done: list[tuple[Employee, int, int]]) -> None:
        by_day = {(each.id, WEEK.first + timedelta(days=day)): calls for each, day, calls in done}
        work = [DayOfWork(key, day, Work(calls, cold_calls=calls)) for (key, day), calls in by_day.items()]
        for by in (NormsBy.EMPLOYEE, NormsBy.DEPARTMENT):
            for span in Span:
                report = lines(work, by, span)
                assert sum(line.plan["cold_calls"] for line in report.lines) == report.total.plan["cold_calls"] == 100
                assert sum(line.work.cold_calls for line in report.lines) == sum(by_day.values())


def test_selling_time_is_a_share_of_the_working_time_so_far() -> None:
    thursday_noon = datetime(2026, 3, 5, 12, tzinfo=START.tzinfo)
    found = selling_times(
        [DayOfWork(ANNA.id, WEEK.first, Work(5, minutes=450, timed=4))], STAFF, Calendar(), WEEK, thursday_noon
    )
    assert found[ANNA.id] == (450, 30 * 60, 5, 4)
    assert found[ANNA.id].share == 0.25
    assert (found[BORIS.id].minutes, found[BORIS.id].share) == (0, 0.0)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=30))
def test_distributions_are_interpolated_percentiles(calls: list[int]) -> None:
    work = [
        DayOfWork(ANNA.id, WEEK.first + timedelta(days=number), Work(1, cold_calls=each))
        for number, each in enumerate(calls)
    ]
    [found] = distributions(work, STAFF)
    cuts = quantiles(calls, n=100, method="inclusive")
    assert (found.role, found.employees, found.days) == (COLD, 1, len(calls))
    expected = {"p25": cuts[24], "median": median(calls), "p75": cuts[74], "p90": cuts[89]}
    assert found.percentiles["cold_calls"] == pytest.approx(expected, abs=0.006)
    assert found.percentiles["meetings"]["p90"] == 0
