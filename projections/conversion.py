"""Conversion: the passages of clients through the steps, and counters by month from which the reports are summed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, SmallInteger, Table, Text, Uuid

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.handoff_events import HandoffAccepted
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import STEPS, Step
from projections.kernel import Counts, Row, View, metadata, view_table
from projections.period import month_of
from projections.standing import IN_WORK, STANDING_EVENTS, Standing

CONVERTED, LOST, RETURNED = "converted", "lost", "returned"
CONVEYOR = "conveyor"
"""The name under which the counters keep the way through the whole conveyor, beside the names of its steps."""
OVERALL = "category"
"""The dimension to sum over where nothing is split: each adds up to everything, and this has the fewest values."""
CARD_DIMENSIONS = ("origin", "industry", "region", "category", "personality_type", "search_assignment")
DIMENSIONS = (*CARD_DIMENSIONS, "employee")


class Profile(NamedTuple):
    """What reports split clients by, as known now, and the client's name."""

    name: str | None = None
    origin: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    personality_type: str | None = None
    search_assignment: str | None = None


class Passage(NamedTuple):
    """One stay in a step. `outcome`: None while it lasts, converted, lost, or returned (account service only).

    `employee_id` is who works or last worked the client in it.
    """

    step: str
    entered_at: datetime
    left_at: datetime | None = None
    outcome: str | None = None
    employee_id: UUID | None = None


class ClientConversion(NamedTuple):
    """The passages of one client, the present one last. It is lost while disqualified or archived."""

    id: UUID
    profile: Profile = Profile()
    passages: tuple[Passage, ...] = ()
    standing: Standing = IN_WORK

    @property
    def is_merged(self) -> bool:
        """Whether another client stands for this one, which is not counted then."""
        return self.standing.merged_into is not None

    @property
    def converted_at(self) -> datetime | None:
        """When the client first reached account service."""
        return next((p.entered_at for p in self.passages if p.step == Step.ACCOUNT_SERVICE), None)

    @property
    def lost_at(self) -> datetime | None:
        """When the client was lost, if it is."""
        last = self.passages[-1]
        return last.left_at if last.outcome == LOST else None


_INSTANT = DateTime(timezone=True)
CLIENTS = view_table(
    "conversion",
    Column("name", Text),
    *(Column(name, Text) for name in CARD_DIMENSIONS),
    Column("employee", Uuid),
    Column("entered_at", _INSTANT),
    Column("converted_at", _INSTANT),
    Column("lost_at", _INSTANT),
    Index("conversion_entered", "entered_at", "id"),
)
PASSAGES = Table(
    "conversion_passages",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("entered_at", _INSTANT, nullable=False),
    Column("left_at", _INSTANT),
    Column("outcome", Text),
    Column("employee", Uuid),
    *(Column(name, Text) for name in CARD_DIMENSIONS),
    Index("conversion_passages_entered", "entered_at", "client_id", "number"),
    Index("conversion_passages_left", "left_at"),
)
MEASURES = (
    "entered",
    "converted",
    "lost",
    "returned",
    "change",
    "cohort_converted",
    "cohort_lost",
    "cohort_returned",
    "cohort_open",
)
MONTHS = Table(
    "conversion_months",
    metadata,
    Column("dimension", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in MEASURES),
)
"""Figures by month (its first day, UTC), step and value of a dimension; an unknown value is the empty text.

`entered`, `converted`, `lost` and `returned` are counted in the month in which it happened; `change` is what came in
less what went out. `cohort_*` are counted in the month of entering: what has become since of those who entered then.
"""

_ENTERED_OPEN = (1, 0, 0, 0, 1, 0, 0, 0, 1)
_ENTERED = {
    CONVERTED: (1, 0, 0, 0, 1, 1, 0, 0, 0),
    LOST: (1, 0, 0, 0, 1, 0, 1, 0, 0),
    RETURNED: (1, 0, 0, 0, 1, 0, 0, 1, 0),
}
_LEFT = {
    CONVERTED: (0, 1, 0, 0, -1, 0, 0, 0, 0),
    LOST: (0, 0, 1, 0, -1, 0, 0, 0, 0),
    RETURNED: (0, 0, 0, 1, -1, 0, 0, 0, 0),
}
_LOST_AFTER_CONVERSION = (0, 0, 1, 0, 0, 0, 0, 0, 0)
_COHORT_LOST_AFTER_CONVERSION = (0, 0, 0, 0, 0, 0, 1, 0, 0)


class ConversionView(View[ClientConversion]):
    """Passages through the steps, and what the conversion reports are summed from."""

    name: ClassVar = "conversion"
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            ClientRegistered,
            CardChanged,
            CategoryAssigned,
            EmployeeAssigned,
            HandoffAccepted,
            *STANDING_EVENTS,
        }
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (PASSAGES,)
    counter_tables: ClassVar = (MONTHS,)
    state_type = ClientConversion

    def start(self, stream_id: UUID) -> ClientConversion:
        return ClientConversion(stream_id)

    def evolve(self, state: ClientConversion, recorded: Recorded) -> ClientConversion:
        return _FOLDS.get(type(recorded.event), _stood)(state, recorded.event, recorded.occurred_at)

    def columns(self, state: ClientConversion) -> Row | None:
        if not state.passages:
            return None
        first, profile = state.passages[0], state.profile
        if state.is_merged:
            return (profile.name, *_split(profile), first.employee_id, None, None, None)
        return (profile.name, *_split(profile), first.employee_id, first.entered_at, state.converted_at, state.lost_at)

    def parts(self, state: ClientConversion) -> Mapping[Table, Sequence[Row]]:
        if state.is_merged:
            return {PASSAGES: ()}
        split = _split(state.profile)
        return {
            PASSAGES: [
                (state.id, number, p.step, p.entered_at, p.left_at, p.outcome, p.employee_id, *split)
                for number, p in enumerate(state.passages, 1)
            ]
        }

    def counts(self, state: ClientConversion) -> Mapping[Table, Counts]:
        if state.is_merged:
            return {MONTHS: ()}
        card = tuple(zip(CARD_DIMENSIONS, (value or "" for value in _split(state.profile)), strict=True))
        counts = [
            ((dimension, month, step, value), numbers)
            for step, month, numbers, employee_id in _figures(state)
            for dimension, value in (*card, ("employee", as_text(employee_id) if employee_id else ""))
        ]
        return {MONTHS: counts}


_PROFILE = frozenset(Profile._fields)
as_text = lru_cache(maxsize=10_000)(str)
"""The text of the id of an employee or a search assignment; there are few, and each is asked for many times."""


def _split(profile: Profile) -> tuple[str | None, ...]:
    return profile[1:]


def _registered(state: ClientConversion, event: ClientRegistered, at: datetime) -> ClientConversion:
    found_for = None if event.search_assignment_id is None else as_text(event.search_assignment_id)
    card = (event.name, event.origin, event.industry, event.region, event.category, event.personality_type)
    profile = Profile(*card, found_for)
    return ClientConversion(state.id, profile, (Passage(Step.LEAD_GENERATION.value, at),))


def _changed(state: ClientConversion, event: CardChanged, _at: datetime) -> ClientConversion:
    changes = {name: getattr(event, name) for name in event.changed if name in _PROFILE}
    return ClientConversion(state.id, state.profile._replace(**changes), state.passages, state.standing)


def _categorised(state: ClientConversion, event: CategoryAssigned, _at: datetime) -> ClientConversion:
    return state._replace(profile=state.profile._replace(category=event.category.value))


def _assigned(state: ClientConversion, event: EmployeeAssigned, _at: datetime) -> ClientConversion:
    passages, step = state.passages, event.step.value
    place = next((place for place in range(len(passages) - 1, -1, -1) if passages[place].step == step), None)
    if place is None:
        return state
    new = passages[place]._replace(employee_id=event.employee_id)
    return ClientConversion(state.id, state.profile, (*passages[:place], new, *passages[place + 1 :]), state.standing)


def _handed_over(state: ClientConversion, event: HandoffAccepted, at: datetime) -> ClientConversion:
    forward = STEPS.index(event.to_step) > STEPS.index(event.from_step)
    *earlier, last = state.passages
    closed = _closed(last, CONVERTED if forward else RETURNED, at)
    entered = Passage(event.to_step.value, closed.left_at or at, None, None, event.employee_id)
    return ClientConversion(state.id, state.profile, (*earlier, closed, entered), state.standing)


def _closed(passage: Passage, outcome: str, at: datetime) -> Passage:
    """The passage with its outcome. It never ends before it began, even if what ended it was dated earlier."""
    left_at = max(passage.entered_at, at)
    return Passage(passage.step, passage.entered_at, left_at, outcome, passage.employee_id)


def _stood(state: ClientConversion, event: Event, at: datetime) -> ClientConversion:
    """After the client was given up, archived or taken back: lost from the first of them until both are undone."""
    standing = state.standing.after(event)
    *earlier, last = state.passages
    if standing.lost and last.outcome != LOST:
        last = _closed(last, LOST, at)
    elif last.outcome == LOST and not standing.lost:
        last = Passage(last.step, last.entered_at, None, None, last.employee_id)
    return ClientConversion(state.id, state.profile, (*earlier, last), standing)


_FOLDS: Mapping[type[Event], Callable[[ClientConversion, Any, datetime], ClientConversion]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    EmployeeAssigned: _assigned,
    HandoffAccepted: _handed_over,
}
"""How each event is taken in; the others change the standing."""


def _figures(state: ClientConversion) -> Iterator[tuple[str, date, Row, UUID | None]]:
    """What the client adds: step, month, measures, employee. First of its passages, then of the whole conveyor."""
    for p in state.passages:
        yield p.step, month_of(p.entered_at), _ENTERED[p.outcome] if p.outcome else _ENTERED_OPEN, p.employee_id
        if p.left_at and p.outcome:
            yield p.step, month_of(p.left_at), _LEFT[p.outcome], p.employee_id
    if state.passages:
        yield from _conveyor_figures(state)


def _conveyor_figures(state: ClientConversion) -> Iterator[tuple[str, date, Row, UUID | None]]:
    first, converted_at, lost_at = state.passages[0], state.converted_at, state.lost_at
    month, employee_id = month_of(first.entered_at), first.employee_id
    outcome = CONVERTED if converted_at else LOST if lost_at else None
    yield CONVEYOR, month, _ENTERED[outcome] if outcome else _ENTERED_OPEN, employee_id
    left_at = converted_at or lost_at
    if outcome and left_at:
        yield CONVEYOR, month_of(left_at), _LEFT[outcome], employee_id
    if converted_at and lost_at:
        yield CONVEYOR, month, _COHORT_LOST_AFTER_CONVERSION, employee_id
        yield CONVEYOR, month_of(lost_at), _LOST_AFTER_CONVERSION, employee_id
