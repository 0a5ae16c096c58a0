"""Compatibility as it is observed: what became of the work of each employee with each client, and with which type.

A trial is an employee's work on a client in lead generation or in the first deal, once it is decided. It succeeded
where the first deal was won, whichever of the two steps he worked in. It failed where he was replaced for a reason of
failure, or the client or its only deal was lost while nobody had taken his place. That he left the firm says nothing
about types, so that a replacement for this reason decides nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Index, SmallInteger, Table, Text, Uuid

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.deal_events import DealLost, DealOpened, DealReopened, DealWon
from domain.client.handoff_events import HandoffAccepted
from domain.client.key_persons import KeyPersonFacts, KeyPersonRemoved
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.types import FailureReason, Step
from projections.client_type import PERSON_EVENTS, Person, client_type, persons_after
from projections.kernel import Row, View, metadata, view_table
from projections.standing import IN_WORK, STANDING_EVENTS, Standing

TRIED_IN = (Step.LEAD_GENERATION, Step.FIRST_DEAL)


class Work(NamedTuple):
    """An employee is at work on the client; not decided yet."""

    employee_id: UUID
    since: datetime


class Trial(NamedTuple):
    """How the work of an employee in a step ended."""

    step: str
    employee_id: UUID
    ended_at: datetime
    success: bool


class ClientTrials(NamedTuple):
    """One client: its type, the work under way by step, the trials decided, and who failed with it and was replaced."""

    id: UUID
    name: str | None = None
    card_type: str | None = None
    persons: Mapping[UUID, Person] = {}
    working: Mapping[str, Work] = {}
    trials: tuple[Trial, ...] = ()
    failed: tuple[UUID, ...] = ()
    open_deals: tuple[UUID, ...] = ()
    deals_lost_at: datetime | None = None
    standing: Standing = IN_WORK
    lost_at: datetime | None = None

    @property
    def client_type(self) -> str | None:
        """The type on the card, else that of a key person who decides."""
        return client_type(self.card_type, self.persons)

    @property
    def decided(self) -> Iterator[Trial]:
        """All trials, with those that failed for now, because client or deal are lost and may yet come back."""
        yield from self.trials
        lost = min(filter(None, (self.lost_at, self.deals_lost_at)), default=None)
        if lost:
            for step, work in self.working.items():
                yield Trial(step, work.employee_id, max(work.since, lost), success=False)


CLIENTS = view_table(
    "compatibility",
    Column("name", Text),
    Column("client_type", Text),
    Column("failed", ARRAY(Uuid), nullable=False),
)
TRIALS = Table(
    "compatibility_trials",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("employee", Uuid, nullable=False),
    Column("client_type", Text),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("success", Boolean, nullable=False),
    Index("compatibility_trials_ended", "ended_at", "client_id", "number"),
)


class CompatibilityView(View[ClientTrials]):
    """Trials, one part row each; and per client its type and the employees who failed with it."""

    name: ClassVar = "compatibility"
    reads: ClassVar[frozenset[type[Event]]] = frozenset(
        {
            ClientRegistered,
            CardChanged,
            EmployeeAssigned,
            HandoffAccepted,
            DealOpened,
            DealWon,
            DealLost,
            DealReopened,
            *PERSON_EVENTS,
            *STANDING_EVENTS,
        }
    )
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (TRIALS,)
    state_type = ClientTrials

    def start(self, stream_id: UUID) -> ClientTrials:
        return ClientTrials(stream_id)

    def evolve(self, state: ClientTrials, recorded: Recorded) -> ClientTrials:
        match recorded.event:
            case ClientRegistered() | CardChanged() as event:
                return _with_card(state, event)
            case KeyPersonFacts() | KeyPersonRemoved() as event:
                return state._replace(persons=persons_after(state.persons, event))
            case EmployeeAssigned() as event:
                return _assigned(state, event, recorded.occurred_at)
            case HandoffAccepted(to_step=step, employee_id=employee_id):
                return state._replace(working=_taken_over(state, step, Work(employee_id, recorded.occurred_at)))
            case DealOpened() | DealReopened() | DealLost() | DealWon() as event:
                return _dealt(state, event, recorded.occurred_at)
            case event:
                return _with_standing(state, state.standing.after(event), recorded.occurred_at)

    def columns(self, state: ClientTrials) -> Row:
        return (state.name, state.client_type, state.failed)

    def parts(self, state: ClientTrials) -> Mapping[Table, Sequence[Row]]:
        known = state.client_type
        return {
            TRIALS: [
                (state.id, number, trial.step, trial.employee_id, known, trial.ended_at, trial.success)
                for number, trial in enumerate(state.decided, 1)
            ]
        }


def _with_card(state: ClientTrials, event: ClientRegistered | CardChanged) -> ClientTrials:
    named = event.changed if isinstance(event, CardChanged) else ("name", "personality_type")
    name = event.name if "name" in named else state.name
    card_type = event.personality_type if "personality_type" in named else state.card_type
    return state._replace(name=name, card_type=card_type)


def _assigned(state: ClientTrials, event: EmployeeAssigned, at: datetime) -> ClientTrials:
    failed, trials, before = state.failed, state.trials, state.working.get(event.step)
    if event.previous_id and event.failure_reason and event.previous_id not in failed:
        failed = (*failed, event.previous_id)
    if before and event.failure_reason and event.failure_reason is not FailureReason.EMPLOYEE_LEFT:
        trials = (*trials, Trial(event.step.value, before.employee_id, max(before.since, at), success=False))
    working = state.working
    if event.step in TRIED_IN:
        working = {**working, event.step.value: Work(event.employee_id, at)}
    return state._replace(failed=failed, trials=trials, working=working)


def _taken_over(state: ClientTrials, step: Step, work: Work) -> dict[str, Work]:
    """Who works on after a handoff: lead generation stays on trial while the first deal is worked."""
    if step is Step.FIRST_DEAL:
        return {**state.working, step.value: work}
    return {step.value: work} if step is Step.LEAD_GENERATION else {}


def _dealt(state: ClientTrials, event: DealOpened | DealReopened | DealLost | DealWon, at: datetime) -> ClientTrials:
    others = tuple(deal for deal in state.open_deals if deal != event.deal_id)
    match event:
        case DealOpened() | DealReopened():
            return state._replace(open_deals=(*others, event.deal_id), deals_lost_at=None)
        case DealLost():
            return state._replace(open_deals=others, deals_lost_at=None if others else at)
        case DealWon():
            won = [
                Trial(step, work.employee_id, max(work.since, at), success=True) for step, work in state.working.items()
            ]
            return state._replace(open_deals=others, working={}, trials=(*state.trials, *won))


def _with_standing(state: ClientTrials, standing: Standing, at: datetime) -> ClientTrials:
    lost_at = (state.lost_at or at) if standing.lost else None
    return state._replace(standing=standing, lost_at=lost_at)
