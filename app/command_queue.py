"""The commands under way, counted: those beyond a limit are turned away before any work is done for them."""

from fastapi import Request

from app.errors import RETRY_SOON
from app.problems import Problem


class CommandQueue:
    """Held while a command is carried out: `with queue:`. Its cost is a comparison and an addition."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._under_way = 0

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            Problem: `too_many_requests`, where all places are taken.
        """
        if self._under_way >= self._limit:
            raise Problem("too_many_requests", facts={"limit": self._limit}, headers=RETRY_SOON)
        self._under_way += 1

    def __exit__(self, *_: object) -> None:
        self._under_way -= 1


def queue_of(request: Request) -> CommandQueue:
    """The queue of this process."""
    return request.app.state.commands
