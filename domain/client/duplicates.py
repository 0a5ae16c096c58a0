"""Duplicates: clients that may be one and the same, and what people decided of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.kernel import Command, Event, Personal, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class DuplicateAllowed(Event, topic="duplicates.allowed"):
    """The client was registered although it looks like others, for a reason."""

    client_ids: tuple[UUID, ...]
    reason: Personal[str] = None


class DuplicateDismissed(Event, topic="duplicates.dismissed"):
    """Somebody looked: the client and the other one are two, however alike they are."""

    other_id: UUID
    reason: Personal[str] = None


class SimilarClient(NamedTuple):
    """A client like the one that is to be registered. `reason` is the kind of key they share, `score` from 0 to 1."""

    id: UUID
    name: str | None
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class SimilarClients:
    """The clients that the service found to be like one that is to be registered, the most alike first."""

    clients: tuple[SimilarClient, ...]


class OtherClient(NamedTuple):
    """A client that a command on another one names. `merged_into`: the client that stands for it."""

    id: UUID
    registered_at: datetime
    merged_into: UUID | None = None
    archived: bool = False


class AllowDuplicate(BaseModel):
    """Why a client is to be registered although it looks like others."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: SomeText


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The clients of which somebody said that they are not this one."""

    dismissed: frozenset[UUID] = frozenset()

    def evolve(self, recorded: Recorded) -> "Duplicates":
        """After others were told apart from the client."""
        match recorded.event:
            case DuplicateAllowed(client_ids=client_ids):
                return Duplicates(self.dismissed.union(client_ids))
            case DuplicateDismissed(other_id=other_id):
                return Duplicates(self.dismissed | {other_id})
            case _:
                return self


def allowed_duplicates(allowance: AllowDuplicate | None, client_id: UUID, context: RuleContext) -> list[Event]:
    """The fact that a duplicate was allowed, where there is one; without an allowance it is refused."""
    similar = context.known(SimilarClients, client_id)
    if similar is None or not similar.clients:
        return []
    if allowance is None:
        raise Refused("duplicate_client", candidates=[client._asdict() for client in similar.clients])
    return [DuplicateAllowed(client_ids=tuple(client.id for client in similar.clients), reason=allowance.reason)]


def other_client(client_id: UUID, context: RuleContext) -> OtherClient:
    """The other client that a command names. Refuses one that is not known."""
    other = context.known(OtherClient, client_id)
    if other is None:
        raise Refused("unknown_client", id=client_id)
    return other


class DismissDuplicate(Command):
    """Tell the client apart from another that looks like it: the two leave the worklist of duplicates."""

    other_id: UUID
    reason: SomeText

    refusals: ClassVar = ("same_client", "duplicate_dismissed")
    examples: ClassVar = ({"reason": "Two works of one holding, each buys for itself"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.other_id == client.id:
            raise Refused("same_client", id=client.id)
        other_client(self.other_id, context)
        if self.other_id in client.duplicates.dismissed:
            raise Refused("duplicate_dismissed", other_id=self.other_id)
        return [DuplicateDismissed(other_id=self.other_id, reason=self.reason)]
