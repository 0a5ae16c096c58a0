"""What is written down once for the whole made-up firm."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from app.loaded import Aggregate
from domain.kernel import Actor, Command

_DEMO = UUID("0d3a0c58-6b1f-5f7e-9a57-2f5b7c1f6d10")


def named(what: str) -> UUID:
    """The id of something that the firm has once."""
    return uuid5(_DEMO, what)


class Entry(NamedTuple):
    """A command on a stream of the firm, how long after the beginning it was given, and by whom.

    Where nobody is named, the head of lead generation gave it.
    """

    aggregate: Aggregate[Any]
    stream_id: UUID
    command: Command
    after: timedelta = timedelta()
    by: Actor | None = None
