"""Whether a client is lost: while it is disqualified or archived, until both are undone."""

from typing import NamedTuple

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.qualification import ClientDisqualified, ClientReopened
from domain.kernel import Event

STANDING_EVENTS: frozenset[type[Event]] = frozenset(
    {ClientDisqualified, ClientReopened, ClientArchived, ClientRestored}
)
"""The events that may lose a client or bring it back."""


class Standing(NamedTuple):
    """What keeps a client from being worked."""

    disqualified: bool = False
    archived: bool = False

    @property
    def lost(self) -> bool:
        """Whether the client is lost to the conveyor."""
        return self.disqualified or self.archived

    def after(self, event: Event) -> "Standing":
        """The standing after one of `STANDING_EVENTS`."""
        match event:
            case ClientDisqualified() | ClientReopened():
                return Standing(isinstance(event, ClientDisqualified), self.archived)
            case _:
                return Standing(self.disqualified, isinstance(event, ClientArchived))


IN_WORK = Standing()
"""The standing of a client that nothing keeps from being worked."""
