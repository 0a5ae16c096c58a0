"""Whether a client is lost: while it is disqualified, archived or merged into another one, until all are undone."""

from typing import NamedTuple
from uuid import UUID

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.merging import ClientMerged, ClientUnmerged
from domain.client.qualification import ClientDisqualified, ClientReopened
from domain.kernel import Event

STANDING_EVENTS: frozenset[type[Event]] = frozenset(
    {ClientDisqualified, ClientReopened, ClientArchived, ClientRestored, ClientMerged, ClientUnmerged}
)
"""The events that may lose a client or bring it back."""


class Standing(NamedTuple):
    """What keeps a client from being worked; `merged_into` is the client that stands for it."""

    disqualified: bool = False
    archived: bool = False
    merged_into: UUID | None = None

    @property
    def lost(self) -> bool:
        """Whether the client is lost to the conveyor."""
        return self.disqualified or self.archived or self.merged_into is not None

    def after(self, event: Event) -> "Standing":
        """The standing after one of `STANDING_EVENTS`."""
        match event:
            case ClientDisqualified() | ClientReopened():
                return self._replace(disqualified=isinstance(event, ClientDisqualified))
            case ClientMerged(into_id=into):
                return self._replace(merged_into=into)
            case ClientUnmerged():
                return self._replace(merged_into=None)
            case _:
                return self._replace(archived=isinstance(event, ClientArchived))


IN_WORK = Standing()
"""The standing of a client that nothing keeps from being worked."""
