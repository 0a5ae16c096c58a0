"""Where the conversion report takes its figures from: counters by day, or the passages themselves.

Whole days are summed from the counters; a period that begins or ends within a day is counted from the passages, which
give rows of the same shape: `moment`, `step`, `value` of the dimension, and the measures.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, Subquery, Text, case, cast, func, literal, select, union_all

from domain.types import Step
from projections.conversion import (
    CLIENTS,
    CONVERTED,
    CONVEYOR,
    DAYS,
    DIMENSIONS,
    LOST,
    MEASURES,
    OVERALL,
    PASSAGES,
    RETURNED,
)
from projections.period import Period


class Basis(StrEnum):
    """`cohort`: those who entered within the period and what has become of them. `period`: what happened in it."""

    COHORT = "cohort"
    PERIOD = "period"


TIME_FORMATS = {"month": "YYYY-MM", "quarter": 'YYYY-"Q"Q', "year": "YYYY"}
"""The dimensions of time, with PostgreSQL's format of their values. All are UTC."""


class Question(NamedTuple):
    """What is asked. `by`: step, one of `DIMENSIONS` or one of `TIME_FORMATS`. Without `step`: every step."""

    by: str = "step"
    basis: Basis = Basis.COHORT
    period: Period = Period()
    step: Step | None = None

    @property
    def by_time(self) -> bool:
        """Whether the values of the dimension are spans of time."""
        return self.by in TIME_FORMATS


def sums(question: Question) -> Select[Any]:
    """Rows of value, step, entered, converted, lost, returned and those still there.

    On the basis of a period the last is the change up to the end of the period; the spans of time before the period are
    among the rows then, with that change only.
    """
    facts = _counters(question) if question.period.is_whole_days else _passages(question)
    value = _bucket(facts, question) if question.by_time else facts.c.value
    first, end = _bounds(question.period)
    started = [facts.c.moment >= first] if first else []
    ended = [facts.c.moment < end] if end else []
    if question.basis is Basis.COHORT:
        names = ("entered", "cohort_converted", "cohort_lost", "cohort_returned", "cohort_open")
        amounts, conditions = [func.sum(facts.c[name]) for name in names], [*started, *ended]
    else:
        within = [_sum_if(facts.c[name], started) for name in ("entered", "converted", "lost", "returned")]
        amounts, conditions = [*within, func.sum(facts.c.change)], ended
    return select(value.label("key"), facts.c.step, *amounts).where(*conditions).group_by("key", facts.c.step)


def _sum_if(column: ColumnElement[Any], conditions: list[ColumnElement[bool]]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column).filter(*conditions), 0) if conditions else func.sum(column)


def _bounds(period: Period) -> tuple[Any, Any]:
    return (period.first_day, period.end_day) if period.is_whole_days else period


def _bucket(facts: Subquery, question: Question) -> ColumnElement[str]:
    moment = facts.c.moment if question.period.is_whole_days else func.timezone("UTC", facts.c.moment)
    return func.to_char(moment, TIME_FORMATS[question.by])


def _counters(question: Question) -> Subquery:
    dimension = question.by if question.by in DIMENSIONS else OVERALL
    measures = [DAYS.c[name] for name in MEASURES]
    wanted = select(DAYS.c.day.label("moment"), DAYS.c.step, DAYS.c.value, *measures)
    wanted = wanted.where(DAYS.c.dimension == dimension)
    return (wanted.where(DAYS.c.step == question.step) if question.step else wanted).subquery()


def _passages(question: Question) -> Subquery:
    """The same rows as the counters', one per passage or client that was there at the instant `moment`."""
    passages = [_entering(question), _leaving(question)]
    ways = [] if question.step else [_way_begun(question), _way_ended(question), _lost_after_way(question)]
    return union_all(*passages, *ways).subquery()


def _fact(
    question: Question, moment: ColumnElement[Any], step: ColumnElement[Any], *, clients: bool, **measures: Any
) -> Select[Any]:
    table = CLIENTS if clients else PASSAGES
    dimension = cast(table.c[question.by], Text) if question.by in DIMENSIONS else literal("")
    numbers = [cast(measures.get(name, 0), Integer).label(name) for name in MEASURES]
    first, end = question.period
    within = Period(first if question.basis is Basis.COHORT else None, end).covers(moment)
    in_step = [step == question.step] if question.step else []
    return select(
        moment.label("moment"), step.label("step"), func.coalesce(dimension, "").label("value"), *numbers
    ).where(moment.is_not(None), *within, *in_step)


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _entering(question: Question) -> Select[Any]:
    outcome = PASSAGES.c.outcome
    return _fact(
        question,
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


def _leaving(question: Question) -> Select[Any]:
    outcome = PASSAGES.c.outcome
    return _fact(
        question,
        PASSAGES.c.left_at,
        PASSAGES.c.step,
        clients=False,
        converted=_one_if(outcome == CONVERTED),
        lost=_one_if(outcome == LOST),
        returned=_one_if(outcome == RETURNED),
        change=-1,
    )


def _way_begun(question: Question) -> Select[Any]:
    converted_at, lost_at = CLIENTS.c.converted_at, CLIENTS.c.lost_at
    return _fact(
        question,
        CLIENTS.c.entered_at,
        literal(CONVEYOR),
        clients=True,
        entered=1,
        change=1,
        cohort_converted=_one_if(converted_at.is_not(None)),
        cohort_lost=_one_if(lost_at.is_not(None)),
        cohort_open=_one_if(func.coalesce(converted_at, lost_at).is_(None)),
    )


def _way_ended(question: Question) -> Select[Any]:
    converted_at = CLIENTS.c.converted_at
    return _fact(
        question,
        func.coalesce(converted_at, CLIENTS.c.lost_at),
        literal(CONVEYOR),
        clients=True,
        converted=_one_if(converted_at.is_not(None)),
        lost=_one_if(converted_at.is_(None)),
        change=-1,
    )


def _lost_after_way(question: Question) -> Select[Any]:
    lost_at = case((CLIENTS.c.converted_at.is_not(None), CLIENTS.c.lost_at))
    return _fact(question, lost_at, literal(CONVEYOR), clients=True, lost=1)
