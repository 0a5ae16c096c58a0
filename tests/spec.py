"""Rules as sentences: ``given(*events).when(command).then(*events)`` or ``.refused(code, **facts)``.

Events happen at `START`, or at the time they are given with: ``at(day(3), event)``. Commands are decided at `NOW` by
`SELLER` unless `when` says otherwise, and happen when their own `occurred_at` says. New parts get the ids `new(1)`,
`new(2)`, … in the order in which they are made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar
from uuid import UUID

import pytest

from domain.calendar import NO_HOLIDAYS, Holidays
from domain.client.state import COMMON_REFUSALS, Client
from domain.client.state import decide as decide_on_client
from domain.employee import Employee, employee_id
from domain.kernel import Actor, Command, Event, Lookup, Recorded, Refused, nothing_known, refuse_future
from domain.regulation.state import REGULATION_ID, Regulation, RuleContext
from domain.types import STEPS, Step

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""A Monday."""
NOW = START + timedelta(days=100)

CLIENT_ID = UUID(int=0xC11E47)
SOMEBODY = employee_id("somebody")
"""Nobody knows an employee with this id."""


def day(number: float) -> datetime:
    """The moment this many days after `START`."""
    return START + timedelta(days=number)


def new(number: int) -> UUID:
    """The id of the n-th part that a command makes."""
    return UUID(int=number)


def _employee(code: str, *steps: Step, has_left: bool = False) -> Employee:
    return Employee(employee_id(code), 1, START, code, code.title(), steps=frozenset(steps), has_left=has_left)


SELLER = _employee("seller", Step.LEAD_GENERATION)
SECOND_SELLER = _employee("second seller", Step.LEAD_GENERATION)
CLOSER = _employee("closer", Step.FIRST_DEAL)
SECOND_CLOSER = _employee("second closer", Step.FIRST_DEAL)
MANAGER = _employee("manager", Step.ACCOUNT_SERVICE)
ALL_ROUNDER = _employee("all-rounder", *STEPS)
HEAD = _employee("head")
GONE = _employee("gone", *STEPS, has_left=True)
STAFF = {
    employee.id: employee
    for employee in (SELLER, SECOND_SELLER, CLOSER, SECOND_CLOSER, MANAGER, ALL_ROUNDER, HEAD, GONE)
}


class Fact(NamedTuple):
    """An event with its time and its actor."""

    event: Event
    at: datetime = START
    by: UUID = SELLER.id


def at(moment: datetime, event: Event, by: Employee = SELLER) -> Fact:
    """An event that happened at this moment."""
    return Fact(event, moment, by.id)


History = Sequence[Event | Fact]


class Stream(Protocol):
    """What a stream came to."""

    @property
    def version(self) -> int: ...
    def evolve(self, recorded: Recorded) -> Self: ...


S = TypeVar("S", bound=Stream)


def recorded(history: History, stream_id: UUID = CLIENT_ID) -> list[Recorded]:
    """The history as it stands in the log."""
    facts = [item if isinstance(item, Fact) else Fact(item) for item in history]
    return [
        Recorded(fact.event, stream_id, number, number, fact.at, fact.at, fact.by, 0, stream_id, None)
        for number, fact in enumerate(facts, start=1)
    ]


def folded(state: S, history: Sequence[Recorded]) -> S:
    """The state after the history."""
    for item in history:
        state = state.evolve(item)
    return state


def make_context(
    command: Command,
    *,
    by: Employee = SELLER,
    now: datetime = NOW,
    regulation: Regulation | None = None,
    staff: Mapping[UUID, Employee] = STAFF,
    new_id: Callable[[], UUID] | None = None,
    known: Lookup = nothing_known,
    holidays: Holidays = NO_HOLIDAYS,
) -> RuleContext:
    """The context in which the service would decide the command; `HEAD` acts as a head."""
    ids = count(1)
    return RuleContext(
        now=now,
        occurred_at=command.occurred_at or now,
        actor=Actor(by.id, frozenset({"head"}) if by is HEAD else by.roles),
        regulation=regulation or Regulation(),
        employee=staff.get,
        new_id=new_id or (lambda: new(next(ids))),
        known=known,
        holidays=holidays,
    )


def finds(*others: Any) -> Lookup:
    """Finds one of these objects by its type, whatever its id."""

    def known(kind: type[Any], _key: UUID, /) -> Any:
        return next((other for other in others if isinstance(other, kind)), None)

    return known


def decide(command: Any, state: Any, context: RuleContext) -> list[Event]:
    """The command's decision on any kind of stream."""
    if isinstance(state, Client):
        return decide_on_client(command, state, context)
    refuse_future(context)
    return command.decide(state, context)


@dataclass(frozen=True)
class Given(Generic[S]):
    """A stream with its history."""

    state: S

    def when(self, command: Command, **context: Any) -> "When[S]":
        """Send a command; `context` takes the arguments of `make_context`."""
        return When(self.state, command, make_context(command, **context))


@dataclass(frozen=True)
class When(Generic[S]):
    """A command about to be decided."""

    state: S
    command: Command
    context: RuleContext

    def events(self) -> list[Event]:
        """What the command makes."""
        return decide(self.command, self.state, self.context)

    def then(self, *events: Event) -> S:
        """The command makes just these events. Returns the state after them."""
        made = self.events()
        assert made == list(events)
        return self.after(made)

    def after(self, made: Sequence[Event] | None = None) -> S:
        """The state after the command."""
        happened = [
            item._replace(version=self.state.version + number, actor=self.context.actor.employee_id)
            for number, item in enumerate(
                recorded([Fact(event, self.context.occurred_at) for event in made or self.events()]), start=1
            )
        ]
        return folded(self.state, happened)

    def refused(self, code: str, **facts: Any) -> None:
        """The command is refused with the code that it announces and, among others, these facts."""
        with pytest.raises(Refused) as raised:
            self.events()
        refused = raised.value
        assert (refused.code, refused.facts) == (code, refused.facts | facts)
        announced = type(self.command).refusals
        assert code in announced or (isinstance(self.state, Client) and code in COMMON_REFUSALS)


def given(*history: Event | Fact) -> Given[Client]:
    """A client with this history."""
    return Given(folded(Client.empty(CLIENT_ID), recorded(history)))


def given_employee(*history: Event | Fact) -> Given[Employee]:
    """An employee with this history."""
    stream_id = employee_id("petrov")
    return Given(folded(Employee.empty(stream_id), recorded(history, stream_id)))


def given_regulation(*history: Event | Fact) -> Given[Regulation]:
    """The regulation with this history."""
    return Given(folded(Regulation.empty(REGULATION_ID), recorded(history, REGULATION_ID)))


def given_stream(empty: S, *history: Event | Fact) -> Given[S]:
    """A stream of any other kind with this history."""
    return Given(folded(empty, recorded(history)))


class Refusal(NamedTuple):
    """A row of a capability's table of refusals: after `history` the command is refused with `code`."""

    code: str
    stream: Given[Any]
    command: Command
    facts: Mapping[str, Any]
    context: Mapping[str, Any]

    def check(self) -> None:
        """The command is refused."""
        self.stream.when(self.command, **self.context).refused(self.code, **self.facts)

    def __str__(self) -> str:
        """The name of the case in the report."""
        return f"{type(self.command).__name__}-{self.code}"


def refusal(
    code: str, stream: Given[Any], command: Command, facts: Mapping[str, Any] | None = None, **context: Any
) -> Refusal:
    """A refusal for a table, with the facts that it must name; `context` takes the arguments of `make_context`."""
    return Refusal(code, stream, command, facts or {}, context)


def rules(**changes: Any) -> Regulation:
    """The default regulation with these fields."""
    return replace(Regulation(), **changes)
