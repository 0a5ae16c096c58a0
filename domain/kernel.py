"""The building blocks of every capability: events, commands, the context of a decision, and refusals."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.refusals import REFUSALS
from domain.types import Moment

T = TypeVar("T")
S = TypeVar("S")


class PersonalMark:
    """Marks an event field that is stored encrypted under the data key of its stream."""


Personal = Annotated[T | None, PersonalMark()]
"""A field with personal data. It reads as None once the stream's data key has been destroyed (erasure)."""

EVENTS: dict[str, type["Event"]] = {}
"""Every event class by its topic."""


class Event(BaseModel):
    """A fact on a stream: pure data. Stream, version, actor and times are in the envelope (`Recorded`).

    Subclasses name their topic, which never changes: ``class DealWon(Event, topic="deals.won")``. Where the fact is
    the beginning of a part of the client, `begins` names the field with the part's id:
    ``class DealOpened(Event, topic="deals.opened", begins="deal_id")``. A class whose schema changed raises
    `schema_version` and overrides `upcast`. A class without a topic only shares fields with its subclasses.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topic: ClassVar[str]
    begins: ClassVar[str | None] = None
    schema_version: ClassVar[int] = 1
    personal_fields: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, *, topic: str | None = None, begins: str | None = None, **_: Any) -> None:
        if topic is None:
            return
        assert begins is None or begins in cls.model_fields, begins
        if topic in EVENTS:
            raise TypeError(f"topic {topic!r} belongs to {EVENTS[topic].__name__} already")
        cls.topic, cls.begins = topic, begins
        cls.personal_fields = frozenset(
            name for name, info in cls.model_fields.items() if any(isinstance(m, PersonalMark) for m in info.metadata)
        )
        EVENTS[topic] = cls

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """Data of an older schema version, brought to the present one."""
        return data


class Recorded(NamedTuple):
    """An event as it stands in the log, with its envelope.

    `occurred_at` is business time, `recorded_at` the time of recording. `position` is the place in the whole log,
    `version` the place on the stream; both start at 1 and have no gaps. `regulation_version` is the regulation in
    force when the decision was taken. `joined`: where a client took another one in, and only for projections, what the
    other one had brought with it (`projections.joining`).
    """

    event: Event
    stream_id: UUID
    version: int
    position: int
    occurred_at: datetime
    recorded_at: datetime
    actor: UUID
    regulation_version: int
    correlation_id: UUID
    causation_id: UUID | None
    joined: tuple["Recorded", ...] = ()


class Refused(Exception):
    """A rule says no. `code` is one of `domain.refusals.REFUSALS`; `facts` say what the rule looked at."""

    def __init__(self, code: str, **facts: Any) -> None:
        assert code in REFUSALS, code
        super().__init__(code)
        self.code = code
        self.facts = facts


HEAD_ROLES = frozenset({"head", "director", "administrator"})


class Actor(NamedTuple):
    """Who decides: an employee and the roles he acts in."""

    employee_id: UUID
    roles: frozenset[str]

    @property
    def is_head(self) -> bool:
        """Whether the actor may act for other employees: heads, directors and administrators."""
        return bool(self.roles & HEAD_ROLES)


class StaffMember(Protocol):
    """What a decision about a client needs to know of an employee."""

    @property
    def id(self) -> UUID: ...
    @property
    def steps(self) -> frozenset[str]: ...
    @property
    def has_left(self) -> bool: ...
    @property
    def personality_type(self) -> str | None: ...


class Lookup(Protocol):
    """Finds what other streams came to: ``known(Script, script_id)``; None where there is no such thing."""

    def __call__(self, kind: type[T], key: UUID, /) -> T | None: ...


def nothing_known(_kind: type[T], _key: UUID, /) -> T | None:
    """Where a decision refers to no other stream."""
    return None


@dataclass(frozen=True, slots=True)
class Context(Generic[S]):
    """All that a decision looks at beside the stream itself; nothing a caller of the API could forge.

    `regulation` is the one in force; `employee` looks an employee up by id, `known` anything else that decisions refer
    to; `new_id` makes ids of new parts.
    """

    now: datetime
    occurred_at: datetime
    actor: Actor
    regulation: S
    employee: Callable[[UUID], StaffMember | None]
    new_id: Callable[[], UUID]
    known: Lookup = nothing_known


def refuse_future(context: Context[Any]) -> None:
    """Refuse what is said to happen later than now. Holds for every command on every stream."""
    if context.occurred_at > context.now:
        raise Refused("in_future", occurred_at=context.occurred_at, now=context.now)


def refuse_before(cause: datetime | None, context: Context[Any], **facts: Any) -> None:
    """Refuse what is said to happen earlier than the fact it follows from, which happened at `cause`.

    Without this rule a view of a past moment would show the effect and not the cause.
    """
    if cause is not None and context.occurred_at < cause:
        raise Refused("before_its_cause", since=cause, occurred_at=context.occurred_at, **facts)


class Command(BaseModel):
    """A wish to change a stream; also the body of its HTTP request.

    Each command has a pure method `decide(state, context) -> list[Event]` that returns the new facts or raises
    `Refused`. For the documentation of the API, `refusals` lists the codes it may raise, and `examples` has bodies
    that work, without what the path of the request says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    refusals: ClassVar[tuple[str, ...]] = ()
    examples: ClassVar[tuple[dict[str, Any], ...]] = ()

    occurred_at: Annotated[
        Moment | None,
        Field(description="When it happened (business time, with offset). Now, when absent; never in the future."),
    ] = None


class Reach(NamedTuple):
    """Another stream that a decision looks at or changes: the class of its state, and its id."""

    kind: type[Any]
    stream_id: UUID


class Consequence(NamedTuple):
    """What follows from a decision on another stream. It happens at the moment of recording."""

    kind: type[Any]
    stream_id: UUID
    command: Command


class JointCommand(Command):
    """A command whose decision reaches other streams: all that follows from it is recorded together, or nothing.

    Of each stream that it reaches, `context.known(kind, stream_id)` is what the stream came to, also before its first
    event; that it still is so is made sure when the decision is recorded.
    """

    def reach(self, state: Any) -> Collection[Reach]:
        """The streams that the decision looks at or changes."""
        raise NotImplementedError

    def consequences(self, state: Any, events: Sequence[Event]) -> Iterable[Consequence]:
        """What follows from the decided events on streams that it reaches, at most one command on each.

        `state` is that before the events.
        """
        raise NotImplementedError
