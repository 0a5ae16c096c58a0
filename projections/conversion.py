"""Conversion: the passages of clients through the steps, and counters by month from which the reports are summed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, SmallInteger, Table, Text, Uuid

from domain.kernel import Recorded
from projections.kernel import Counts, Row, View, metadata, view_table
from projections.passages import (
    CARD_DIMENSIONS,
    CONVERTED,
    LOST,
    PASSAGE_DIMENSIONS,
    READS,
    RETURNED,
    ClientConversion,
    Passage,
    after,
    as_text,
)
from projections.period import month_of

CONVEYOR = "conveyor"
"""The name under which the counters keep the way through the whole conveyor, beside the names of its steps."""
OVERALL = "category"
"""The dimension to sum over where nothing is split: each adds up to everything, and this has the fewest values."""
DIMENSIONS = (*CARD_DIMENSIONS, *PASSAGE_DIMENSIONS)
WORKED = "employee_and_type"
"""A dimension of the counters only: who worked the client, and its type. From it follow the pairs of types."""


_INSTANT = DateTime(timezone=True)
CLIENTS = view_table(
    "conversion",
    Column("name", Text),
    *(Column(name, Text) for name in CARD_DIMENSIONS),
    Column("employee", Uuid),
    Column("variant", Text),
    Column("script", Text),
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
    Column("variant", Text),
    Column("script", Text),
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
    revision: ClassVar = 4
    reads: ClassVar = READS
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (PASSAGES,)
    counter_tables: ClassVar = (MONTHS,)
    state_type = ClientConversion

    def start(self, stream_id: UUID) -> ClientConversion:
        return ClientConversion(stream_id)

    def evolve(self, state: ClientConversion, recorded: Recorded) -> ClientConversion:
        return after(state, recorded.event, recorded.occurred_at)

    def columns(self, state: ClientConversion) -> Row | None:
        if not state.passages:
            return None
        first, split = state.passages[0], (state.profile.name, *state.split)
        if state.is_merged:
            return (*split, *first.split, None, None, None)
        return (*split, *first.split, first.entered_at, state.converted_at, state.lost_at)

    def parts(self, state: ClientConversion) -> Mapping[Table, Sequence[Row]]:
        if state.is_merged:
            return {PASSAGES: ()}
        split = state.split
        return {
            PASSAGES: [
                (state.id, number, p.step, p.entered_at, p.left_at, p.outcome, *p.split, *split)
                for number, p in enumerate(state.passages, 1)
            ]
        }

    def counts(self, state: ClientConversion) -> Mapping[Table, Counts]:
        if state.is_merged:
            return {MONTHS: ()}
        card = tuple(zip(CARD_DIMENSIONS, (value or "" for value in state.split), strict=True))
        known_type = state.client_type or ""
        splits = {passage.split: (*card, *_split(passage, known_type)) for passage in state.passages}
        counts = [
            ((dimension, month, step, value), numbers)
            for step, month, numbers, split in _figures(state)
            for dimension, value in splits[split]
        ]
        return {MONTHS: counts}


def _split(passage: Passage, client_type: str) -> Iterator[tuple[str, str]]:
    """The values of the dimensions that differ from passage to passage."""
    employee = as_text(passage.employee_id) if passage.employee_id else ""
    yield from zip(PASSAGE_DIMENSIONS, (employee, passage.variant or "", passage.script or ""), strict=True)
    yield WORKED, f"{employee}/{client_type}"


def _figures(state: ClientConversion) -> Iterator[tuple[str, date, Row, Row]]:
    """What the client adds: step, month, measures, split. First of its passages, then of the whole conveyor."""
    for p in state.passages:
        yield p.step, month_of(p.entered_at), _ENTERED[p.outcome] if p.outcome else _ENTERED_OPEN, p.split
        if p.left_at and p.outcome:
            yield p.step, month_of(p.left_at), _LEFT[p.outcome], p.split
    if state.passages:
        yield from _conveyor_figures(state)


def _conveyor_figures(state: ClientConversion) -> Iterator[tuple[str, date, Row, Row]]:
    first, converted_at, lost_at = state.passages[0], state.converted_at, state.lost_at
    month, split = month_of(first.entered_at), first.split
    outcome = CONVERTED if converted_at else LOST if lost_at else None
    yield CONVEYOR, month, _ENTERED[outcome] if outcome else _ENTERED_OPEN, split
    left_at = converted_at or lost_at
    if outcome and left_at:
        yield CONVEYOR, month_of(left_at), _LEFT[outcome], split
    if converted_at and lost_at:
        yield CONVEYOR, month, _COHORT_LOST_AFTER_CONVERSION, split
        yield CONVEYOR, month_of(lost_at), _LOST_AFTER_CONVERSION, split
