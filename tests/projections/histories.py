"""Random histories of a firm: commands decided by the domain, the refused ones left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from hypothesis import strategies as st

from domain.client.registration import RegisterClient
from domain.client.state import Client, decide
from domain.employee import EmployeeChanged, EmployeeLeft, EmployeeRegistered, employee_id
from domain.kernel import Actor, Event, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import STEPS, Role, Step
from tests.projections.acts import KINDS
from tests.projections.firm import CODES, IDS, RULES, STAFF, choose, client_id, known
from tests.spec import NOW, START

_WHEN = timedelta(days=40)


class Act(NamedTuple):
    """Somebody does something with a client, `hours` after the last act on it; `choice` picks one of several ways."""

    client: int
    kind: int
    choice: int
    hours: int


class Fact(NamedTuple):
    """An event of a stream, and when it occurred."""

    stream_id: UUID
    event: Event
    occurred_at: datetime


def acts(clients: int = 6, at_most: int = 80) -> st.SearchStrategy[list[Act]]:
    """Acts on a few clients, mixed."""
    kind = st.one_of(st.just(0), st.integers(0, len(KINDS) - 1))
    act = st.builds(Act, st.integers(0, clients - 1), kind, st.integers(0, 11), st.integers(0, 100))
    return st.lists(act, min_size=1, max_size=at_most)


@dataclass
class Firm:
    """Plays acts, and keeps the clients."""

    clients: dict[int, Client] = field(default_factory=dict[int, Client])
    times: dict[int, datetime] = field(default_factory=dict[int, datetime])
    made: int = 0

    def play(self, script: Iterable[Act]) -> list[Fact]:
        """The facts that came of it, in their order."""
        return [fact for act in script for fact in self._act(act)]

    def _act(self, act: Act) -> list[Fact]:
        key = client_id(act.client)
        client = self.clients.get(act.client) or Client(key)
        at = min(self.times.get(act.client, START) + timedelta(hours=act.hours), NOW)
        command = KINDS[act.kind](client, act.choice) if client.registration.registered_at else _registration(act)
        try:
            events = decide(command, client, self._context(at, act.choice)) if command else []
        except Refused:
            return []
        for event in events:
            client = client.evolve(_recorded(event, client, at))
        self.clients[act.client], self.times[act.client] = client, at
        return [Fact(key, event, at) for event in events]

    def _context(self, at: datetime, choice: int) -> RuleContext:
        actor = Actor(employee_id(CODES[choice % 3]), frozenset({Role.HEAD}))
        return RuleContext(NOW, at, actor, RULES, STAFF.get, self._new_id, known)

    def _new_id(self) -> UUID:
        self.made += 1
        return uuid5(IDS, f"part {self.made}")


def staff() -> list[Fact]:
    """The facts by which the employees became known, one was moved and one left."""
    _, second, third = STAFF
    registered = [
        Fact(
            key,
            EmployeeRegistered(code=each.code, name=each.code.title(), roles=frozenset(), steps=frozenset(STEPS)),
            START,
        )
        for key, each in STAFF.items()
    ]
    moved = EmployeeChanged(
        changed=frozenset({"department", "steps"}), department="north", steps=frozenset({Step.FIRST_DEAL})
    )
    return [*registered, Fact(second, moved, START + _WHEN), Fact(third, EmployeeLeft(), START + 2 * _WHEN)]


def _recorded(event: Event, client: Client, at: datetime) -> Recorded:
    return Recorded(event, client.id, client.version + 1, 1, at, at, employee_id(CODES[0]), 0, client.id, None)


def _registration(act: Act) -> RegisterClient:
    return RegisterClient(
        name=f"Клиент {act.client}, Ltd",
        origin=choose(("cold_base", "social", "referral"), act.choice),
        region=choose(("north", "south", None), act.choice),
        industry=choose(("metal", "wood"), act.choice),
        phones=(f"+7 900 000-00-0{act.client % 10}",),
        owner_id=choose((None, *STAFF), act.choice),
    )
