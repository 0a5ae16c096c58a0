"""The rules under which the past is read, and the client's story as it is told from a file."""

import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from app.importer.mapping import Mapping
from app.importer.records import Fact
from app.mapper import NO_DIGEST
from app.public_holidays import LIBRARY
from app.store import Append
from domain.calendar import Calendar
from domain.client.order_events import OrderPlaced
from domain.client.state import Client, decide
from domain.kernel import Actor, Command, Recorded
from domain.regulation.state import Regulation, RuleContext
from domain.types import STEPS

_MAY_ACT_FOR_OTHERS = frozenset({"head"})


class _Colleague(NamedTuple):
    """Whoever the file names did work there and in that step: it happened."""

    id: UUID
    steps: frozenset[str] = frozenset(STEPS)
    has_left: bool = False
    personality_type: str | None = None


def rules_for_history(regulation: Regulation, mapping: Mapping) -> Regulation:
    """The regulation with the mapped attributes, without the process rules: they do not bind what already happened."""
    unbound = {"qualification_criteria": (), "max_deals_before_handoff": sys.maxsize}
    steps = {step: regulation.rules(step).model_copy(update=unbound) for step in STEPS}
    return replace(
        regulation,
        steps=steps,
        attributes={**mapping.declared, **regulation.attributes},
        minimum_margin_percent=None,
        discount_rules=None,
        standards={},
    )


@dataclass(frozen=True, slots=True)
class Telling:
    """The circumstances of an import: its rules, who imports, when, and the id that its events share."""

    rules: Regulation
    actor: UUID
    now: datetime
    run_id: UUID = field(default_factory=uuid4)

    def context(self, at: datetime, new_id: Callable[[], UUID] = uuid4) -> RuleContext:
        """The context of a decision at this moment."""
        return RuleContext(
            now=self.now,
            occurred_at=at,
            actor=Actor(self.actor, _MAY_ACT_FOR_OTHERS),
            regulation=self.rules,
            employee=_Colleague,
            new_id=new_id,
            holidays=LIBRARY,
        )

    @property
    def calendar(self) -> Calendar:
        """The firm's working calendar."""
        return self.rules.calendar(LIBRARY)

    def append(
        self, stream_id: UUID, version: int, previous: bytes, facts: Sequence[Fact], causation_id: UUID | None = None
    ) -> Append:
        """The facts as the store takes them, to follow on this version of the stream."""
        return Append(
            stream_id=stream_id,
            expected_version=version,
            previous_digest=previous,
            facts=facts,
            actor=self.actor,
            regulation_version=self.rules.version,
            correlation_id=self.run_id,
            causation_id=causation_id,
            recorded_at=datetime.now(UTC),
        )

    def recorded(self, fact: Fact, stream_id: UUID, version: int) -> Recorded:
        """A fact as decisions will see it; it has no position yet."""
        event, at = fact
        return Recorded(event, stream_id, version, 0, at, self.now, self.actor, self.rules.version, self.run_id, None)


class Story:
    """A client and the facts that a record adds to it, one command after the other."""

    def __init__(self, client: Client, telling: Telling) -> None:
        self._client = client
        self.telling = telling
        self._unfolded: list[Fact] = []
        self.facts: list[Fact] = []

    @property
    def client(self) -> Client:
        """The client as the story stands; facts are folded when somebody looks, which spares the last ones."""
        for fact in self._unfolded:
            version = self._client.version + 1
            self._client = self._client.evolve(self.telling.recorded(fact, self._client.id, version))
        self._unfolded.clear()
        return self._client

    def begin(self) -> Client:
        """Begin to tell another record; returns the client to `give_up` to."""
        self.facts = []
        return self.client

    def give_up(self, before: Client) -> None:
        """Forget what was told since `begin`."""
        self._unfolded.clear()
        self._client = before

    def tell(self, command: Command, at: datetime, part_id: UUID | None = None) -> None:
        """Decide a command at its own date and go on from what it makes; a part that it makes gets the id.

        Raises:
            Refused: the history would contradict itself.
        """
        context = self.telling.context(at, (lambda: part_id) if part_id else uuid4)
        self.add([(event, at) for event in decide(command, self.client, context)])

    def add(self, facts: Sequence[Fact]) -> None:
        """Go on with facts that are decided already."""
        self.facts += facts
        self._unfolded += facts


@dataclass(frozen=True, slots=True)
class History:
    """A client with its recorded history: what caused its events, and its orders with their dates by id.

    `digest` is the last event's. `erased`: its personal data were, and it takes no new ones.
    """

    client: Client
    causes: Collection[UUID]
    orders: dict[UUID, tuple[OrderPlaced, datetime]]
    digest: bytes
    erased: bool = False

    @staticmethod
    def of(
        stream_id: UUID,
        history: Sequence[Recorded] = (),
        causes: Collection[UUID] = (),
        digest: bytes = NO_DIGEST,
        *,
        erased: bool = False,
    ) -> "History":
        """The history of this stream."""
        client = Client.empty(stream_id)
        for recorded in history:
            client = client.evolve(recorded)
        placed = ((recorded.event, recorded.occurred_at) for recorded in history)
        orders = {event.order_id: (event, at) for event, at in placed if isinstance(event, OrderPlaced)}
        return History(client, causes, orders, digest, erased)
