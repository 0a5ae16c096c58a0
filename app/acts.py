"""What a command does: a change of its own stream and, where it reaches others, changes of those in the same act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from app.loaded import Aggregate, Loaded, folded
from app.store import Appended
from domain.kernel import Command, Event, JointCommand, Lookup
from domain.regulation.state import RuleContext

T = TypeVar("T")


class Part(NamedTuple):
    """A stream of the act, as it stands."""

    aggregate: Aggregate[Any]
    stream_id: UUID
    loaded: Loaded[Any]


class Change(NamedTuple):
    """New facts of a stream, all of one moment. Without any, the stream only has to be as it was looked at."""

    part: Part
    events: Sequence[Event]
    occurred_at: datetime

    def after(self, appended: Appended) -> Loaded[Any]:
        """The stream with these facts, once they are recorded."""
        state = folded(self.part.loaded.state, appended.recorded)
        return Loaded(state, appended.version, appended.digest, appended.append.recorded_at)


@dataclass(frozen=True, slots=True)
class Act:
    """The stream that a command is for, and the others that it reaches."""

    main: Part
    others: Mapping[UUID, Part]

    @property
    def parts(self) -> Sequence[Part]:
        """All streams of the act."""
        return (*self.others.values(), self.main)

    @property
    def latest(self) -> datetime:
        """The last time at which anything was recorded on them."""
        return max(part.loaded.recorded_at for part in self.parts)

    def finding(self, otherwise: Lookup) -> Lookup:
        """Finds the streams that are reached as they stand, and everything else where it usually is."""

        def known(kind: type[T], key: UUID, /) -> T | None:
            state = self.others[key].loaded.state if key in self.others else None
            return state if isinstance(state, kind) else otherwise(kind, key)

        return known

    def decided(self, command: Command, context: RuleContext) -> list[Change]:
        """The changes that the command makes, that of its own stream last.

        Raises:
            Refused: a rule of any of the streams says no.
        """
        main = self.main.loaded.state
        events = self.main.aggregate.decide(command, main, context)
        follows: dict[UUID, list[Event]] = {}
        if isinstance(command, JointCommand):
            for kind, stream_id, follow in command.consequences(main, events):
                other = self.others[stream_id]
                assert other.aggregate.state is kind
                follows[stream_id] = other.aggregate.decide(follow, other.loaded.state, context)
        changes = [Change(part, follows.get(key, ()), context.now) for key, part in self.others.items()]
        return [*changes, Change(self.main, events, context.occurred_at)]
