"""Questionnaires: the client's answers are kept as they were given, and land on the card in the same decision."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field, ValidationError

from domain.client.card import ChangeCard
from domain.documents.content import Question
from domain.documents.fields import DocumentKind
from domain.documents.template import usable_template
from domain.kernel import Command, Event, Personal, Refused
from domain.regulation.state import RuleContext
from domain.types import Line, Slug

if TYPE_CHECKING:
    from domain.client.state import Client


class QuestionnaireAnswered(Event, topic="questionnaires.answered", begins="questionnaire_id"):
    """The client answered the questions of a version of a template: answers by the key of the question."""

    questionnaire_id: UUID
    template_id: UUID
    template_version: int
    key_person_id: UUID | None
    answers: Personal[dict[str, str]]


Answer = Annotated[Line, Field(min_length=1)]


class AnswerQuestionnaire(Command):
    """Record the client's answers. Those to questions that are bound to the card land there.

    An answer replaces what the card said. A question without an answer is left out; what is required has to be there.
    """

    template_id: UUID
    template_version: Annotated[int | None, Field(ge=1, description="The latest, when absent")] = None
    key_person_id: Annotated[UUID | None, Field(description="Who answered")] = None
    answers: Annotated[dict[Slug, Answer], Field(min_length=1, max_length=100)]

    refusals: ClassVar = (
        "unknown_template",
        "template_retired",
        "template_of_another_kind",
        "unknown_template_version",
        "unknown_key_person",
        "unknown_questions",
        "answers_missing",
        "answer_not_fitting",
        "unknown_attribute",
        "wrong_attribute_value",
        "currency_required",
        "before_its_cause",
    )
    examples: ClassVar = (
        {
            "template_id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
            "answers": {"industry": "metallurgy", "purchases": "quarterly"},
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        template = usable_template(self.template_id, frozenset({DocumentKind.QUESTIONNAIRE}), context)
        number, content = template.numbered(self.template_version)
        if self.key_person_id:
            client.key_persons.get_known(self.key_person_id, context)
        questions = {question.key: question for question in content.questions}
        _refuse_unless_fitting(questions, self.answers)
        answered = QuestionnaireAnswered(
            questionnaire_id=context.new_id(),
            template_id=template.id,
            template_version=number,
            key_person_id=self.key_person_id,
            answers=self.answers,
        )
        return [answered, *_landed(client, questions, self.answers, context)]


def _refuse_unless_fitting(questions: Mapping[str, Question], answers: Mapping[str, str]) -> None:
    if unknown := sorted(answers.keys() - questions.keys()):
        raise Refused("unknown_questions", unknown=unknown, questions=list(questions))
    if missing := [key for key, question in questions.items() if question.required and key not in answers]:
        raise Refused("answers_missing", missing=missing)


def _landed(
    client: "Client", questions: Mapping[str, Question], answers: Mapping[str, str], context: RuleContext
) -> list[Event]:
    """The change of the card, if the answers say anything new."""
    bound = [(questions[key], answer) for key, answer in answers.items()]
    fields: dict[str, Any] = {question.field.value: answer for question, answer in bound if question.field}
    attributes = {question.attribute: answer for question, answer in bound if question.attribute}
    if not fields and not attributes:
        return []
    try:
        change = ChangeCard.model_validate(fields | ({"attributes": attributes} if attributes else {}))
    except ValidationError as error:
        raise Refused("answer_not_fitting", **_first_problem(error, questions)) from None
    try:
        return change.decide(client, context)
    except Refused as refused:
        if refused.code == "nothing_to_change":
            return []
        raise


def _first_problem(error: ValidationError, questions: Mapping[str, Question]) -> dict[str, Any]:
    """The question whose answer the card does not take, and why not."""
    first = error.errors()[0]
    place = str(first["loc"][-1 if first["loc"][0] == "attributes" else 0])
    key = next((key for key, each in questions.items() if place in {each.field, each.attribute}), None)
    return {"question": key, "place": place, "message": first["msg"], "given": str(first["input"])}
