"""The rules under which the past is read, and the client's story as it is told from a file."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from app.importer.mapping import Mapping
from app.importer.records import Fact
from domain.client.fulfilment import OrderPlaced
from domain.client.state import Client, decide
from domain.kernel import Actor, Command, Recorded
from domain.regulation import Regulation, RuleContext
from domain.types import STEPS

_MAY_ACT_FOR_OTHERS = frozenset({"head"})


class _Colleague(NamedTuple):
    """Whoever the file names did work there and in that step: it happened."""

    id: UUID
    steps: frozenset[str] = frozenset(STEPS)
    has_left: bool = False


def rules_for_history(regulation: Regulation, mapping: Mapping) -> Regulation:
    """The regulation with the mapped attributes, without the process rules: they do not bind what already happened."""
    unbound = {"qualification_criteria": (), "max_deals_before_handoff": sys.maxsize}
    steps = {step: regulation.rules(step).model_copy(update=unbound) for step in STEPS}
    return replace(regulation, steps=steps, attributes={**mapping.declared, **regulation.attributes})


@dataclass(frozen=True, slots=True)
class Telling:
    """The circumstances of an import: its rules, who imports, when, and the id that its events share."""

    rules: Regulation
    actor: UUID
    now: datetime
    run_id: UUID = field(default_factory=uuid4)

    def context(self, at: datetime, part_id: UUID | None = None) -> RuleContext:
        """The context of a decision at this moment; the part that it makes gets this id."""
        return RuleContext(
            now=self.now,
            occurred_at=at,
            actor=Actor(self.actor, _MAY_ACT_FOR_OTHERS),
            regulation=self.rules,
            employee=_Colleague,
            new_id=uuid4 if part_id is None else lambda: part_id,
        )

    def recorded(self, fact: Fact, stream_id: UUID, version: int, causation_id: UUID | None) -> Recorded:
        """A fact as it will stand in the log, but for its position."""
        event, at = fact
        return Recorded(
            event, stream_id, version, 0, at, self.now, self.actor, self.rules.version, self.run_id, causation_id
        )


@dataclass(slots=True)
class Story:
    """A client and the facts that a record adds to it, one command after the other."""

    client: Client
    telling: Telling
    facts: list[Fact] = field(default_factory=list[Fact])

    def tell(self, command: Command, at: datetime, part_id: UUID | None = None) -> None:
        """Decide a command at its own date and go on from what it makes.

        Raises:
            Refused: the history would contradict itself.
        """
        for event in decide(command, self.client, self.telling.context(at, part_id)):
            self.facts.append((event, at))
            self.client = self.client.evolve(
                self.telling.recorded((event, at), self.client.id, self.client.version + 1, None)
            )


@dataclass(frozen=True, slots=True)
class History:
    """A client with its recorded history: what caused its events, and its orders with their dates by id."""

    client: Client
    causes: frozenset[UUID]
    orders: dict[UUID, tuple[OrderPlaced, datetime]]
    digest: bytes

    @staticmethod
    def of(stream_id: UUID, history: Sequence[Recorded], digest: bytes) -> "History":
        """The history of this stream; `digest` is its last event's."""
        client = Client.empty(stream_id)
        for recorded in history:
            client = client.evolve(recorded)
        placed = ((recorded.event, recorded.occurred_at) for recorded in history)
        orders = {event.order_id: (event, at) for event, at in placed if isinstance(event, OrderPlaced)}
        return History(client, frozenset(item.causation_id for item in history if item.causation_id), orders, digest)
