"""Answers of the client: kept as they were given, and landed on the card."""

from typing import Any

import pytest

from domain.client.card import CardChanged
from domain.client.questionnaires import AnswerQuestionnaire, QuestionnaireAnswered
from domain.documents.content import CardField, Question, TemplateVersion
from domain.kernel import Command
from domain.regulation.attributes import Attribute, AttributeKind
from tests.domain.facts import PERSON, REGISTERED
from tests.domain.papers import LETTER, QUESTIONNAIRE, RETIRED, TEMPLATE_ID
from tests.spec import Refusal, at, day, finds, given, new, refusal, rules

ANSWERS = {"industry": "metallurgy", "interval": "quarterly", "fleet": "40", "wish": "Speed"}
ANSWER = AnswerQuestionnaire(template_id=TEMPLATE_ID, answers=ANSWERS)
DECLARED = rules(attributes={"fleet_size": Attribute(name="fleet_size", kind=AttributeKind.NUMBER)})
ASKED = finds(QUESTIONNAIRE)
OF_MONEY = TemplateVersion(
    title="Q", body="x", questions=(Question(key="turnover", text="How much?", field=CardField.TURNOVER),)
)
EARLIER = at(day(9), CardChanged(changed=("industry",), industry="wood"))


def answering(**answers: str) -> Command:
    return ANSWER.model_copy(update={"answers": {"industry": "metallurgy"} | answers})


def refused(code: str, command: Command, facts: dict[str, Any] | None = None, *history: Any, **context: Any) -> Refusal:
    return refusal(
        code, given(REGISTERED, *history), command, facts, **({"known": ASKED, "regulation": DECLARED} | context)
    )


REFUSALS = [
    refused("unknown_template", ANSWER, known=finds()),
    refused("template_retired", ANSWER, known=finds(RETIRED)),
    refused("template_of_another_kind", ANSWER, {"needed": ["questionnaire"]}, known=finds(LETTER)),
    refused("unknown_template_version", ANSWER.model_copy(update={"template_version": 2}), {"latest": 1}),
    refused("unknown_key_person", ANSWER.model_copy(update={"key_person_id": PERSON})),
    refused("unknown_questions", answering(weather="fine"), {"unknown": ["weather"]}),
    refused("answers_missing", ANSWER.model_copy(update={"answers": {"wish": "x"}}), {"missing": ["industry"]}),
    refused(
        "answer_not_fitting",
        answering(interval="often"),
        {"question": "interval", "place": "purchase_interval", "given": "often"},
    ),
    refused("unknown_attribute", ANSWER, regulation=rules()),
    refused("wrong_attribute_value", answering(fleet="many"), {"attribute": "fleet_size"}),
    refused(
        "currency_required",
        AnswerQuestionnaire(template_id=TEMPLATE_ID, answers={"turnover": "1000"}),
        known=finds(type(QUESTIONNAIRE)(TEMPLATE_ID, 1, "Q", QUESTIONNAIRE.kind, versions={1: OF_MONEY})),
    ),
    refused("before_its_cause", ANSWER.model_copy(update={"occurred_at": day(8)}), {"field": "industry"}, EARLIER),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_answers_land_on_the_card() -> None:
    client = (
        given(REGISTERED)
        .when(ANSWER, known=ASKED, regulation=DECLARED)
        .then(
            QuestionnaireAnswered(
                questionnaire_id=new(1),
                template_id=TEMPLATE_ID,
                template_version=1,
                key_person_id=None,
                answers=ANSWERS,
            ),
            CardChanged(
                changed=("attributes", "industry", "purchase_interval"),
                industry="metallurgy",
                purchase_interval="quarterly",
                attributes={"fleet_size": "40"},
            ),
        )
    )
    assert (client.card.industry, client.card.attributes) == ("metallurgy", {"fleet_size": "40"})


def test_answers_that_say_nothing_new_leave_the_card_alone() -> None:
    known = CardChanged(changed=("industry",), industry="metallurgy")
    assert len(given(REGISTERED, known).when(answering(wish="Speed"), known=ASKED).events()) == 1
    assert len(given(REGISTERED).when(answering(), known=ASKED).events()) == 2
