"""Where the conversion report takes its figures from: counters of whole months, and the passages of a part of a month.

The counters know one dimension at a time, so a report that is filtered takes all of its figures from the passages. Both
give rows of the same shape: `value` of the dimension, `step`, whether they lie `within` the period, and measures.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    true,
    union_all,
)

from domain.types import Step
from projections.conversion import (
    CLIENTS,
    CONVEYOR,
    DIMENSIONS,
    MEASURES,
    MONTHS,
    OVERALL,
    PASSAGES,
    WORKED,
)
from projections.conversion_filters import EVERYBODY, Filters
from projections.passages import CONVERTED, LOST, RETURNED
from projections.period import Months, Period


class Basis(StrEnum):
    """`cohort`: those who entered within the period and what has become of them. `period`: what happened in it."""

    COHORT = "cohort"
    PERIOD = "period"


COUNTED = (*DIMENSIONS, WORKED)
TIME_FORMATS = {"month": "YYYY-MM", "quarter": 'YYYY-"Q"Q', "year": "YYYY"}
"""The dimensions of time, with PostgreSQL's format of their values. All are UTC."""


class Question(NamedTuple):
    """What is asked. `by`: step, one of `COUNTED` or one of `TIME_FORMATS`. Without `step`: every step."""

    by: str = "step"
    basis: Basis = Basis.COHORT
    period: Period = Period()
    step: Step | None = None
    filters: Filters = EVERYBODY

    @property
    def by_time(self) -> bool:
        """Whether the values of the dimension are spans of time."""
        return self.by in TIME_FORMATS


def sums(question: Question) -> Select[Any]:
    """Rows of value, step, entered, converted, lost, returned and those still there.

    On the basis of a period the last is the change up to the end of the period; the spans of time before the period are
    among the rows then, with that change only.
    """
    facts = union_all(*_sources(question)).subquery()
    within, row = facts.c.within, [facts.c.value, facts.c.step]
    if question.basis is Basis.COHORT:
        names = ("entered", "cohort_converted", "cohort_lost", "cohort_returned", "cohort_open")
        return select(*row, *(func.sum(facts.c[name]) for name in names)).where(within).group_by(*row)
    names = ("entered", "converted", "lost", "returned")
    amounts = [func.coalesce(func.sum(facts.c[name]).filter(within), 0) for name in names]
    return select(*row, *amounts, func.sum(facts.c.change)).group_by(*row)


def _sources(question: Question) -> Iterator[Select[Any]]:
    """The counters of all months that end within the period, and the passages of the months that it cuts in two.

    The counters of the month in which the period begins hold its change already. Without counters the change is that of
    all time up to the end of the period.
    """
    if question.filters.values:
        yield from _passages(_Cut(question, Period(None, question.period.end), changes=True))
        return
    yield _counters(question)
    begun, last = question.period.begun_month, question.period.last_month
    if begun:
        yield from _passages(_Cut(question, begun, changes=False))
    if last:
        yield from _passages(_Cut(question, last, changes=True))


def _counters(question: Question) -> Select[Any]:
    first, end = question.period.whole_months
    month, by = MONTHS.c.month, question.by
    value = func.to_char(month, TIME_FORMATS[by]) if question.by_time else MONTHS.c.value
    within = (month >= first if first else true()).label("within")
    query = select(value.label("value"), MONTHS.c.step, within, *(MONTHS.c[name] for name in MEASURES))
    query = query.where(MONTHS.c.dimension == (by if by in COUNTED else OVERALL), *Months(None, end).covers(month))
    return query.where(MONTHS.c.step == question.step) if question.step else query


class _Cut(NamedTuple):
    """A span of time. `changes`: whether its change is to be counted, or is in the counters already."""

    question: Question
    part: Period
    changes: bool


def _passages(cut: _Cut) -> Iterator[Select[Any]]:
    """Rows of single passages and clients: one for entering and, where it is asked what happened, one for leaving."""
    question = cut.question
    yield _entering(cut)
    if not question.step:
        yield _way_begun(cut)
    if question.basis is Basis.COHORT:
        return
    yield _leaving(cut)
    if not question.step:
        yield _way_ended(cut)
        yield _lost_after_way(cut)


def _fact(
    cut: _Cut, moment: ColumnElement[Any], step: ColumnElement[Any], *, clients: bool, **measures: Any
) -> Select[Any]:
    question, table = cut.question, CLIENTS if clients else PASSAGES
    if question.by_time:
        value = func.to_char(func.timezone("UTC", moment), TIME_FORMATS[question.by])
    else:
        value = _value(table, question.by)
    start = question.period.start
    within = (moment >= start if start else true()).label("within")
    measures = measures if cut.changes else measures | {"change": 0}
    numbers = [cast(measures.get(name, 0), BigInteger).label(name) for name in MEASURES]
    query = select(value.label("value"), step.label("step"), within, *numbers)
    query = query.where(moment.is_not(None), *cut.part.covers(moment), *question.filters.hold(table))
    return query.where(step == question.step) if question.step else query


def _value(table: Table, by: str) -> ColumnElement[str]:
    """The value of the dimension, as the counters have it."""
    if by == WORKED:
        return _text(table.c.employee) + "/" + _text(table.c.personality_type)
    return _text(table.c[by]) if by in DIMENSIONS else literal("")


def _text(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.coalesce(cast(column, Text), "")


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _entering(cut: _Cut) -> Select[Any]:
    outcome = PASSAGES.c.outcome
    return _fact(
        cut,
        PASSAGES.c.entered_at,
        PASSAGES.c.step,
        clients=False,
        entered=1,
        change=1,
        cohort_converted=_one_if(outcome == CONVERTED),
        cohort_lost=_one_if(outcome == LOST),
        cohort_returned=_one_if(outcome == RETURNED),
        cohort_open=_one_if(outcome.is_(None)),
    )


def _leaving(cut: _Cut) -> Select[Any]:
    outcome = PASSAGES.c.outcome
    return _fact(
        cut,
        PASSAGES.c.left_at,
        PASSAGES.c.step,
        clients=False,
        converted=_one_if(outcome == CONVERTED),
        lost=_one_if(outcome == LOST),
        returned=_one_if(outcome == RETURNED),
        change=-1,
    )


def _way_begun(cut: _Cut) -> Select[Any]:
    converted_at, lost_at = CLIENTS.c.converted_at, CLIENTS.c.lost_at
    return _fact(
        cut,
        CLIENTS.c.entered_at,
        literal(CONVEYOR),
        clients=True,
        entered=1,
        change=1,
        cohort_converted=_one_if(converted_at.is_not(None)),
        cohort_lost=_one_if(lost_at.is_not(None)),
        cohort_open=_one_if(func.coalesce(converted_at, lost_at).is_(None)),
    )


def _way_ended(cut: _Cut) -> Select[Any]:
    converted_at = CLIENTS.c.converted_at
    return _fact(
        cut,
        func.coalesce(converted_at, CLIENTS.c.lost_at),
        literal(CONVEYOR),
        clients=True,
        converted=_one_if(converted_at.is_not(None)),
        lost=_one_if(converted_at.is_(None)),
        change=-1,
    )


def _lost_after_way(cut: _Cut) -> Select[Any]:
    lost_at = case((CLIENTS.c.converted_at.is_not(None), CLIENTS.c.lost_at))
    return _fact(cut, lost_at, literal(CONVEYOR), clients=True, lost=1)
