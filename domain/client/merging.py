"""Merging two clients that are one: the loser stands still and points to the survivor. It can be taken back.

Two streams change, one after the other. The loser's fact comes first and decides; the survivor's confirms it. When the
survivor cannot confirm, as it was merged itself meanwhile, the loser's fact is taken back.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from domain.client.duplicates import OtherClient, other_client
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import SomeText

if TYPE_CHECKING:
    from domain.client.state import Client


class ClientMerged(Event, topic="clients.merged"):
    """The client is the same as another one, which stands for it from now on."""

    into_id: UUID
    reason: Personal[str] = None


class ClientUnmerged(Event, topic="clients.unmerged"):
    """The client is one of its own again."""

    from_id: UUID
    reason: Personal[str] = None


class ClientAbsorbed(Event, topic="clients.absorbed"):
    """The client stands for another one too."""

    client_id: UUID


class ClientReleased(Event, topic="clients.released"):
    """The client does not stand for that other one any more."""

    client_id: UUID


@dataclass(frozen=True, slots=True)
class Merging:
    """The client that stands for this one, since when that is or is not so (business time), and those it stands for."""

    into: UUID | None = None
    since: datetime | None = None
    absorbed: frozenset[UUID] = frozenset()

    def evolve(self, recorded: Recorded) -> "Merging":
        """After the client was merged with another, or parted from it."""
        match recorded.event:
            case ClientMerged(into_id=into):
                return Merging(into, recorded.occurred_at, self.absorbed)
            case ClientUnmerged():
                return Merging(None, recorded.occurred_at, self.absorbed)
            case ClientAbsorbed(client_id=client_id):
                return Merging(self.into, self.since, self.absorbed | {client_id})
            case ClientReleased(client_id=client_id):
                return Merging(self.into, self.since, self.absorbed - {client_id})
            case _:
                return self


class MergeClient(Command):
    """Merge the client into another one, the survivor, which stands for it from now on.

    Nothing can be recorded on the client any more; its history is read with the survivor's. It can be taken back. What
    the client still awaits from a warehouse is shipped or cancelled before.
    """

    into_id: UUID
    reason: SomeText

    refusals: ClassVar = ("same_client", "survivor_not_open", "handoff_pending", "orders_open", "before_its_cause")
    examples: ClassVar = (
        {"into_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11", "reason": "One firm, registered twice at an exhibition"},
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.into_id == client.id:
            raise Refused("same_client", id=client.id)
        survivor = other_client(self.into_id, context)
        if survivor.merged_into or survivor.archived:
            raise Refused("survivor_not_open", **survivor._asdict())
        refuse_before(survivor.registered_at, context, into_id=survivor.id)
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        client.orders.refuse_awaited()
        refuse_before(client.merging.since, context)
        return [ClientMerged(into_id=self.into_id, reason=self.reason)]


class UnmergeClient(Command):
    """Take a merge back: the client is one of its own again, with all that was recorded on it before.

    Merges are taken back from the last: whoever took in a client's survivor was given what that client had brought.
    """

    reason: SomeText

    refusals: ClassVar = ("client_not_merged", "survivor_merged", "before_its_cause")
    examples: ClassVar = ({"reason": "Two firms of the same name"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.merging.into is None:
            raise Refused("client_not_merged", id=client.id)
        survivor = context.known(OtherClient, client.merging.into)
        if survivor and survivor.merged_into:
            raise Refused("survivor_merged", **survivor._asdict())
        refuse_before(client.merging.since, context)
        return [ClientUnmerged(from_id=client.merging.into, reason=self.reason)]


class AbsorbClient(Command):
    """Confirm on the survivor that it stands for another client."""

    client_id: UUID

    refusals: ClassVar = ("nothing_to_change",)
    examples: ClassVar = ({"client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.client_id in client.merging.absorbed:
            raise Refused("nothing_to_change", client_id=self.client_id)
        return [ClientAbsorbed(client_id=self.client_id)]


class ReleaseClient(Command):
    """Confirm on the survivor that it does not stand for another client any more."""

    client_id: UUID

    refusals: ClassVar = ("nothing_to_change",)
    examples: ClassVar = ({"client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.client_id not in client.merging.absorbed:
            raise Refused("nothing_to_change", client_id=self.client_id)
        return [ClientReleased(client_id=self.client_id)]
