"""Archive and restore: a client out of sight, with nothing lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import OptionalText, Step

if TYPE_CHECKING:
    from domain.client.state import Client


class ClientArchived(Event, topic="archive.archived"):
    """The client is out of sight; nothing can be recorded on it until it is restored."""

    step: Step
    reason: Personal[str] = None


class ClientRestored(Event, topic="archive.restored"):
    """The client is back, in the step where it was."""

    step: Step
    reason: Personal[str] = None


@dataclass(frozen=True, slots=True)
class Archive:
    """Whether the client is archived, and since when it is or is not (business time)."""

    archived: bool = False
    since: datetime | None = None

    def evolve(self, recorded: Recorded) -> "Archive":
        """After the client was archived or restored."""
        match recorded.event:
            case ClientArchived():
                return Archive(archived=True, since=recorded.occurred_at)
            case ClientRestored():
                return Archive(archived=False, since=recorded.occurred_at)
            case _:
                return self


class ArchiveClient(Command):
    """Put the client out of sight. What it still awaits from a warehouse is shipped or cancelled before."""

    reason: OptionalText = None

    refusals: ClassVar = ("handoff_pending", "orders_open", "before_its_cause")
    examples: ClassVar = ({"reason": "The firm was closed"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.handoffs.waiting:
            raise Refused("handoff_pending", handoff_id=client.handoffs.waiting)
        client.orders.refuse_awaited()
        refuse_before(client.archive.since, context)
        return [ClientArchived(step=client.step, reason=self.reason)]


class RestoreClient(Command):
    """Take the client out of the archive."""

    reason: OptionalText = None

    refusals: ClassVar = ("client_not_archived", "before_its_cause")
    examples: ClassVar = ({"reason": "The firm was bought and works again"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if not client.archive.archived:
            raise Refused("client_not_archived", id=client.id)
        refuse_before(client.archive.since, context)
        return [ClientRestored(step=client.step, reason=self.reason)]
