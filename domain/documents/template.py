"""Templates of documents: one stream each. A published version never changes; a change is a new version."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from domain.documents.content import TemplateVersion
from domain.documents.fields import DocumentKind, Tongue
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Name, OptionalText


class TemplateCreated(Event, topic="templates.created"):
    """There is a template for documents of this kind."""

    name: Personal[str]
    kind: DocumentKind
    tongue: Tongue


class TemplatePublished(Event, topic="templates.published"):
    """A version of the template is in use from now on; versions count from 1. `note` says what is different."""

    number: int
    content: TemplateVersion
    note: Personal[str] = None


class TemplateRetired(Event, topic="templates.retired"):
    """The template is not used any more. What was made by it stays."""

    reason: Personal[str] = None


TEMPLATE_EVENTS: tuple[type[Event], ...] = (TemplateCreated, TemplatePublished, TemplateRetired)
"""All events of a template's stream."""


@dataclass(frozen=True, slots=True)
class Template:
    """A template with all its versions. `version` is that of its stream; `since`, business time."""

    id: UUID
    version: int = 0
    name: str | None = None
    kind: DocumentKind = DocumentKind.PROPOSAL
    tongue: Tongue = Tongue.RUSSIAN
    versions: Mapping[int, TemplateVersion] = field(default_factory=dict[int, TemplateVersion])
    is_retired: bool = False
    since: datetime | None = None

    @staticmethod
    def empty(stream_id: UUID) -> "Template":
        """Before it was created."""
        return Template(stream_id)

    @property
    def latest(self) -> int:
        """The number of the version in use."""
        return max(self.versions, default=0)

    def evolve(self, recorded: Recorded) -> "Template":
        """The template after one more event."""
        return replace(self, version=recorded.version, since=recorded.occurred_at, **self._changes(recorded.event))

    def _changes(self, event: Event) -> dict[str, Any]:
        match event:
            case TemplateCreated(name=name, kind=kind, tongue=tongue):
                return {"name": name, "kind": kind, "tongue": tongue}
            case TemplatePublished(number=number, content=content):
                return {"versions": {**self.versions, number: content}}
            case TemplateRetired():
                return {"is_retired": True}
            case _:
                return {}

    def numbered(self, number: int | None) -> tuple[int, TemplateVersion]:
        """A version by its number; the latest, when none is given.

        Raises:
            Refused: `unknown_template_version`.
        """
        chosen = number or self.latest
        if chosen not in self.versions:
            raise Refused("unknown_template_version", template_id=self.id, version=chosen, latest=self.latest)
        return chosen, self.versions[chosen]


def usable_template(template_id: UUID, kinds: frozenset[DocumentKind], context: RuleContext) -> Template:
    """The template with this id, if it is in use and for documents of one of these kinds.

    Raises:
        Refused: `unknown_template`, `template_retired` or `template_of_another_kind`.
    """
    template = context.known(Template, template_id)
    if template is None:
        raise Refused("unknown_template", id=template_id)
    if template.is_retired:
        raise Refused("template_retired", id=template_id)
    if template.kind not in kinds:
        raise Refused("template_of_another_kind", id=template_id, kind=template.kind, needed=sorted(kinds))
    return template


class CreateTemplate(Command):
    """Create a template with its first version."""

    name: Name
    kind: DocumentKind
    tongue: Annotated[Tongue, Field(description="How amounts and days are written")] = Tongue.RUSSIAN
    content: TemplateVersion

    refusals: ClassVar = (
        "in_future",
        "template_exists",
        "template_not_valid",
        "questions_misplaced",
        "unknown_attribute",
    )
    examples: ClassVar = (
        {
            "name": "Offer of pipes",
            "kind": "proposal",
            "tongue": "en",
            "content": {
                "title": "Commercial proposal {{proposal.number}}",
                "body": "# Proposal for {{client.name}}\n\n{{#person}}Dear {{person.name}},\n\n{{/person}}"
                "| No. | What | Quantity | Price | Amount |\n"
                "{{#lines}}| {{number}} | {{text}} | {{quantity}} {{unit}} | {{price}} | {{amount}} |\n{{/lines}}\n"
                "Total: {{proposal.total}} {{proposal.currency}}, valid until {{proposal.valid_until}}.",
            },
        },
        {
            "name": "First questions",
            "kind": "questionnaire",
            "tongue": "en",
            "content": {
                "title": "Questions to {{client.name}}",
                "body": "{{#questions}}{{number}}. {{text}}\n\n{{/questions}}",
                "questions": [{"key": "industry", "text": "What do you make?", "field": "industry"}],
            },
        },
    )

    def decide(self, template: Template, context: RuleContext) -> list[Event]:
        if template.version:
            raise Refused("template_exists", id=template.id)
        _check(self.content, self.kind, context)
        created = TemplateCreated(name=self.name, kind=self.kind, tongue=self.tongue)
        return [created, TemplatePublished(number=1, content=self.content)]


def _check(content: TemplateVersion, kind: DocumentKind, context: RuleContext) -> None:
    is_questionnaire = kind is DocumentKind.QUESTIONNAIRE
    if is_questionnaire != bool(content.questions):
        raise Refused("questions_misplaced", kind=kind, questions=len(content.questions))
    declared = context.regulation.attributes
    for question in content.questions:
        if question.attribute and question.attribute not in declared:
            raise Refused("unknown_attribute", attribute=question.attribute, declared=sorted(declared))
    content.parsed(kind)


class PublishTemplate(Command):
    """Publish a new version of a template."""

    content: TemplateVersion
    note: OptionalText = None

    refusals: ClassVar = (
        "in_future",
        "unknown_template",
        "template_retired",
        "template_not_valid",
        "questions_misplaced",
        "unknown_attribute",
        "before_its_cause",
        "nothing_to_change",
    )
    examples: ClassVar = (
        {"content": {"title": "Proposal", "body": "For {{client.name}}: {{proposal.total}}"}, "note": "Shorter"},
    )

    def decide(self, template: Template, context: RuleContext) -> list[Event]:
        _refuse_unless_in_use(template, context)
        if template.versions[template.latest] == self.content:
            raise Refused("nothing_to_change", version=template.latest)
        _check(self.content, template.kind, context)
        return [TemplatePublished(number=template.latest + 1, content=self.content, note=self.note)]


class RetireTemplate(Command):
    """Take a template out of use. What was made by it stays."""

    reason: OptionalText = None

    refusals: ClassVar = ("in_future", "unknown_template", "template_retired", "before_its_cause")
    examples: ClassVar = ({"reason": "The trial offer is over"},)

    def decide(self, template: Template, context: RuleContext) -> list[Event]:
        _refuse_unless_in_use(template, context)
        return [TemplateRetired(reason=self.reason)]


def _refuse_unless_in_use(template: Template, context: RuleContext) -> None:
    if not template.version:
        raise Refused("unknown_template", id=template.id)
    if template.is_retired:
        raise Refused("template_retired", id=template.id)
    refuse_before(template.since, context)
