"""Scripts: the plan of a contact, step by step, for a step of the conveyor, a channel and a category.

One stream per script. A published version never changes; a change is a new version, so that versions can be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Category, Channel, Name, OptionalText, Slug, SomeText, Step


class ScriptStep(BaseModel):
    """A step of a script: what to say or ask, hints for whoever says it, and what is likely to be answered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[Slug, Field(description="The name of the step in every version that has it")]
    prompt: SomeText
    hints: Annotated[tuple[SomeText, ...], Field(max_length=20)] = ()
    expected_answers: Annotated[tuple[SomeText, ...], Field(max_length=20)] = ()


def _with_keys_of_their_own(steps: tuple[ScriptStep, ...]) -> tuple[ScriptStep, ...]:
    keys = [step.key for step in steps]
    if len(set(keys)) < len(keys):
        raise ValueError("each step needs a key of its own")
    return steps


Steps = Annotated[tuple[ScriptStep, ...], Field(min_length=1, max_length=100)]


class ScriptCreated(Event, topic="scripts.created"):
    """There is a script for contacts of this kind. Without a category it is for clients of any."""

    name: Personal[str]
    step: Step
    channel: Channel
    category: Category | None = None


class ScriptPublished(Event, topic="scripts.published"):
    """A version of the script is in use from now on; versions count from 1. `note` says what is different."""

    number: int
    steps: tuple[ScriptStep, ...]
    note: Personal[str] = None


class ScriptRetired(Event, topic="scripts.retired"):
    """The script is not used any more."""

    reason: Personal[str] = None


SCRIPT_EVENTS: tuple[type[Event], ...] = (ScriptCreated, ScriptPublished, ScriptRetired)
"""All events of a script's stream."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script with the steps of all its versions. `version` is that of its stream; `since`, business time."""

    id: UUID
    version: int = 0
    name: str | None = None
    step: Step = Step.LEAD_GENERATION
    channel: Channel = Channel.PHONE
    category: Category | None = None
    versions: Mapping[int, tuple[ScriptStep, ...]] = field(default_factory=dict[int, tuple[ScriptStep, ...]])
    is_retired: bool = False
    since: datetime | None = None

    @staticmethod
    def empty(stream_id: UUID) -> "Script":
        """Before it was created."""
        return Script(stream_id)

    @property
    def latest(self) -> int:
        """The number of the version in use."""
        return max(self.versions, default=0)

    def evolve(self, recorded: Recorded) -> "Script":
        """The script after one more event."""
        return replace(self, version=recorded.version, since=recorded.occurred_at, **self._changes(recorded.event))

    def _changes(self, event: Event) -> dict[str, Any]:
        match event:
            case ScriptCreated():
                return {name: getattr(event, name) for name in ("name", "step", "channel", "category")}
            case ScriptPublished(number=number, steps=steps):
                return {"versions": {**self.versions, number: steps}}
            case ScriptRetired():
                return {"is_retired": True}
            case _:
                return {}

    def fits(self, step: Step, channel: Channel, category: str | None) -> bool:
        """Whether it is in use for contacts with such a client."""
        wanted = (self.step, self.channel) == (step, channel) and self.category in {None, category}
        return wanted and not self.is_retired


class CreateScript(Command):
    """Create a script with its first version."""

    name: Name
    step: Step
    channel: Channel
    category: Annotated[Category | None, Field(description="For clients of this category; of any, when absent")] = None
    steps: Steps

    refusals: ClassVar = ("in_future", "script_exists")
    examples: ClassVar = (
        {
            "name": "First call",
            "step": "lead_generation",
            "channel": "phone",
            "steps": [
                {"key": "opening", "prompt": "Introduce yourself and the firm", "hints": ["One sentence"]},
                {
                    "key": "gatekeeper",
                    "prompt": "Ask who decides about purchases",
                    "expected_answers": ["Gives a name", "Sends you to the general mailbox"],
                },
                {"key": "need", "prompt": "Ask what they buy now, and from whom"},
                {"key": "next_step", "prompt": "Agree on a meeting"},
            ],
        },
    )

    _keys = field_validator("steps")(_with_keys_of_their_own)

    def decide(self, script: Script, context: RuleContext) -> list[Event]:
        if script.version:
            raise Refused("script_exists", id=script.id)
        created = ScriptCreated(name=self.name, step=self.step, channel=self.channel, category=self.category)
        return [created, ScriptPublished(number=1, steps=self.steps)]


class PublishScript(Command):
    """Publish a new version of a script."""

    steps: Steps
    note: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_script", "script_retired", "before_its_cause", "nothing_to_change")
    examples: ClassVar = (
        {"steps": [{"key": "opening", "prompt": "Name the colleague who recommended you"}], "note": "Shorter"},
    )

    _keys = field_validator("steps")(_with_keys_of_their_own)

    def decide(self, script: Script, context: RuleContext) -> list[Event]:
        _refuse_unless_in_use(script, context)
        if script.versions[script.latest] == self.steps:
            raise Refused("nothing_to_change", version=script.latest)
        return [ScriptPublished(number=script.latest + 1, steps=self.steps, note=self.note)]


class RetireScript(Command):
    """Take a script out of use. Contacts that followed it keep it."""

    reason: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_script", "script_retired", "before_its_cause")
    examples: ClassVar = ({"reason": "Nobody follows it"},)

    def decide(self, script: Script, context: RuleContext) -> list[Event]:
        _refuse_unless_in_use(script, context)
        return [ScriptRetired(reason=self.reason)]


def _refuse_unless_in_use(script: Script, context: RuleContext) -> None:
    if not script.version:
        raise Refused("unknown_script", id=script.id)
    if script.is_retired:
        raise Refused("script_retired", id=script.id)
    refuse_before(script.since, context)


class ScriptUse(BaseModel):
    """How far a contact followed a script: the steps that were passed, and the one at which it broke off, if it did."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    script_id: UUID
    version: Annotated[int, Field(ge=1)]
    steps_passed: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()
    broke_off_at: Annotated[Slug | None, Field(description="Null: it was followed to the end")] = None

    def refuse_unless_known(self, context: RuleContext) -> None:
        """Refuse a script, a version or a step that there is not. A step is passed or broken off at, once."""
        script = context.known(Script, self.script_id)
        if script is None:
            raise Refused("unknown_script", id=self.script_id)
        steps = script.versions.get(self.version)
        if steps is None:
            raise Refused("unknown_script_version", script_id=script.id, version=self.version, latest=script.latest)
        known = [step.key for step in steps]
        named = [*self.steps_passed, *([self.broke_off_at] if self.broke_off_at else [])]
        if wrong := sorted({key for key in named if key not in known or named.count(key) > 1}):
            raise Refused("wrong_script_steps", script_id=script.id, version=self.version, wrong=wrong, steps=known)
