"""What a version of a template says: its title, its body, and the questions of a questionnaire."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from domain.documents.fields import DocumentKind, names_for
from domain.documents.language import Part, TemplateProblem, parse
from domain.kernel import Refused
from domain.types import Line, NoNul, Slug

Body = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50_000),
    NoNul,
    Field(
        description="Text with values as {{client.name}}; # begins a heading, - a point of a list, | a row of a table, "
        "--- is a rule, and an empty line begins a paragraph"
    ),
]
Title = Annotated[Line, Field(min_length=1, description="The name of the document; with values too")]


class CardField(StrEnum):
    """The fields of the card that an answer may land on."""

    TAX_ID = "tax_id"
    SITE = "site"
    REGION = "region"
    INDUSTRY = "industry"
    SIZE = "size"
    TURNOVER = "turnover"
    CURRENCY = "currency"
    PERSONALITY_TYPE = "personality_type"
    PREFERENCES = "preferences"
    SPECIFICS = "specifics"
    USUAL_CHANNEL = "usual_channel"
    PURCHASE_INTERVAL = "purchase_interval"
    EXPECTED_PURCHASE = "expected_purchase"
    RETENTION_YEARS = "retention_years"


class Question(BaseModel):
    """A question, and where its answer lands on the card: a field, an attribute of the firm's own, or nowhere."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[Slug, Field(description="The name of the question in every version that has it")]
    text: Annotated[Line, Field(min_length=1)]
    field: CardField | None = None
    attribute: Slug | None = None
    required: bool = False

    @model_validator(mode="after")
    def _in_one_place(self) -> "Question":
        if self.field and self.attribute:
            raise ValueError("send either field or attribute")
        return self


class TemplateVersion(BaseModel):
    """What a version of a template says. Only questionnaires have questions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Title
    body: Body
    questions: Annotated[tuple[Question, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> "TemplateVersion":
        keys = [question.key for question in self.questions]
        places = [question.field or question.attribute for question in self.questions]
        bound = [place for place in places if place]
        if len(set(keys)) < len(keys) or len(set(bound)) < len(bound):
            raise ValueError("each question needs a key and a place of its own")
        return self

    def parsed(self, kind: DocumentKind) -> tuple[Part, Part]:
        """Title and body, as parts.

        Raises:
            Refused: `template_not_valid`, with the line and what is wrong there.
        """
        return _parsed("title", self.title, kind), _parsed("body", self.body, kind)


def _parsed(name: str, text: str, kind: DocumentKind) -> Part:
    try:
        return parse(text, names_for(kind))
    except TemplateProblem as problem:
        facts = {"line": problem.line, "text": problem.text, "rule": problem.rule}
        raise Refused("template_not_valid", field=name, **facts) from None
