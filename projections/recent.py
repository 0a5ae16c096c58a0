"""The states that live projection wrote last, kept in memory: a client that something happens to is often met again."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Generic, TypeVar
from uuid import UUID

S = TypeVar("S")

MOST = 1000
"""States kept of one view."""


class Recent(Generic[S]):
    """States as they are stored, the last ones. They are forgotten as soon as another has moved the view."""

    def __init__(self) -> None:
        self._states: OrderedDict[UUID, S] = OrderedDict()

    def get(self, stream_id: UUID) -> S | None:
        """The stored state of a client, if it is known."""
        return self._states.get(stream_id)

    def remember(self, states: Mapping[UUID, S]) -> None:
        """Keep states that have been committed."""
        for stream_id, state in states.items():
            self._states[stream_id] = state
            self._states.move_to_end(stream_id)
        while len(self._states) > MOST:
            self._states.popitem(last=False)

    def forget(self) -> None:
        """Trust the database only."""
        self._states.clear()
