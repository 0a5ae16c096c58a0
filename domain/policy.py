"""The client policy: who is a target client, who is VIP and why, and the rules of work. One stream for the firm.

A published version never changes. It is recorded who has read which version, and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, ClassVar, NamedTuple
from uuid import UUID

from pydantic import Field

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import OptionalText, SomeText

POLICY_ID = UUID("7a0c9c58-3c1e-5f4b-9a57-64f1a0c6b0d2")


class PolicyPublished(Event, topic="policy.published"):
    """A version of the policy holds from now on; versions count from 1. `note` says what is different."""

    number: int
    target_clients: str
    vip_clients: str
    rules: str
    note: Personal[str] = None


class PolicyAcknowledged(Event, topic="policy.acknowledged"):
    """The employee who recorded it has read this version."""

    number: int


POLICY_EVENTS: tuple[type[Event], ...] = (PolicyPublished, PolicyAcknowledged)
"""All events of the policy's stream."""


class PolicyVersion(NamedTuple):
    """A version of the policy. `published_at` is business time; `readers`: when each first said that he read it."""

    number: int
    published_at: datetime
    published_by: UUID
    target_clients: str
    vip_clients: str
    rules: str
    note: str | None
    readers: Mapping[UUID, datetime] = {}


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy with all its versions, by number. `version` is that of its stream."""

    id: UUID
    version: int = 0
    versions: Mapping[int, PolicyVersion] = field(default_factory=dict[int, PolicyVersion])

    @staticmethod
    def empty(stream_id: UUID) -> "Policy":
        """Before the first version."""
        return Policy(stream_id)

    @property
    def latest(self) -> PolicyVersion | None:
        """The version that holds."""
        return self.versions.get(len(self.versions))

    def evolve(self, recorded: Recorded) -> "Policy":
        """The policy after one more event."""
        match recorded.event:
            case PolicyPublished() as event:
                text = event.model_dump(exclude={"number"})
                made = PolicyVersion(event.number, recorded.occurred_at, recorded.actor, **text)
            case PolicyAcknowledged(number=number):
                before = self.versions[number]
                made = before._replace(readers={**before.readers, recorded.actor: recorded.occurred_at})
            case _:
                return self
        return replace(self, version=recorded.version, versions={**self.versions, made.number: made})


class PublishPolicy(Command):
    """Publish a new version of the client policy. Everybody has to read it anew."""

    target_clients: Annotated[SomeText, Field(description="Who is a client to look for")]
    vip_clients: Annotated[SomeText, Field(description="Who is VIP, and why")]
    rules: Annotated[SomeText, Field(description="The rules of work with clients")]
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "before_its_cause", "nothing_to_change")
    examples: ClassVar = (
        {
            "target_clients": "Metal works with more than 100 employees",
            "vip_clients": "A turnover with us of 1,000,000 a year: they pay for the department",
            "rules": "No client is left without a next step",
            "note": "The limit for VIP was raised",
        },
    )

    def decide(self, policy: Policy, context: RuleContext) -> list[Event]:
        sent = self.model_dump(exclude={"occurred_at"})
        latest = policy.latest
        if latest and all(getattr(latest, name) == sent[name] for name in ("target_clients", "vip_clients", "rules")):
            raise Refused("nothing_to_change", version=latest.number)
        refuse_before(latest and latest.published_at, context)
        return [PolicyPublished(number=len(policy.versions) + 1, **sent)]


class MarkPolicyRead(Command):
    """Say that you have read a version of the client policy. To say so again changes nothing and is refused."""

    policy_version: Annotated[int, Field(ge=1, le=1_000_000)]

    refusals: ClassVar = ("in_future", "unknown_policy_version", "policy_read_already", "before_its_cause")
    examples: ClassVar = ({},)

    def decide(self, policy: Policy, context: RuleContext) -> list[Event]:
        wanted = policy.versions.get(self.policy_version)
        if wanted is None:
            raise Refused("unknown_policy_version", number=self.policy_version, latest=len(policy.versions))
        refuse_before(wanted.published_at, context)
        if read_at := wanted.readers.get(context.actor.employee_id):
            raise Refused("policy_read_already", number=wanted.number, read_at=read_at)
        return [PolicyAcknowledged(number=wanted.number)]
