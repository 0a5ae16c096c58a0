"""Templates and their versions, and how values are written in documents."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.documents.content import CardField, Question, TemplateVersion
from domain.documents.fields import DocumentKind, Tongue, amount_written, day_written, number_written
from domain.documents.filled import Filled, NotRendered, Rendered, escaped, rendered
from domain.documents.template import (
    CreateTemplate,
    PublishTemplate,
    RetireTemplate,
    Template,
    TemplateCreated,
    TemplatePublished,
    TemplateRetired,
)
from domain.kernel import Event, Refused
from domain.regulation.attributes import Attribute, AttributeKind
from tests.domain.examples import TEMPLATE_COMMANDS
from tests.domain.papers import PAGES
from tests.spec import Fact, Given, Refusal, at, day, finds, folded, make_context, new, recorded, refusal, rules

FIRST = TemplateVersion(title="КП", body="Для {{client.name}}")
SECOND = TemplateVersion(title="КП", body="Для {{client.name}}: {{proposal.total}}")
BOUND = Question(key="fleet", text="How many?", attribute="fleet_size")
ASKING = TemplateVersion(title="Q", body="{{#questions}}{{text}}{{/questions}}", questions=(BOUND,))
CREATED = TemplateCreated(name="Offer", kind=DocumentKind.PROPOSAL, tongue=Tongue.RUSSIAN)
PUBLISHED = TemplatePublished(number=1, content=FIRST)
CREATE = CreateTemplate(name="Offer", kind=DocumentKind.PROPOSAL, content=FIRST)
PUBLISH = PublishTemplate(content=SECOND, note="With the total")
READS_A_FILE = TemplateVersion(title="КП", body="x\n{{> /etc/passwd}}")
CREATE_QUESTIONS = CreateTemplate(name="Q", kind=DocumentKind.QUESTIONNAIRE, content=ASKING)
OF_QUESTIONS = CREATED.model_copy(update={"kind": DocumentKind.QUESTIONNAIRE})


def template(*history: Event | Fact) -> Given[Template]:
    """A template with this history."""
    return Given(folded(Template.empty(new(9)), recorded(history, new(9))))


IN_USE = template(CREATED, PUBLISHED)
RETIRED = template(CREATED, PUBLISHED, TemplateRetired())

REFUSALS = [
    *[
        refusal("in_future", IN_USE, command.model_copy(update={"occurred_at": day(101)}))
        for command in TEMPLATE_COMMANDS
    ],
    refusal("template_exists", IN_USE, CREATE),
    refusal(
        "template_not_valid",
        template(),
        CREATE.model_copy(update={"content": READS_A_FILE}),
        {"field": "body", "line": 2, "text": "{{> /etc/passwd}}", "rule": "not_of_the_language"},
    ),
    refusal(
        "template_not_valid",
        IN_USE,
        PUBLISH.model_copy(update={"content": FIRST.model_copy(update={"title": "{% for x in range(9) %}"})}),
        {"field": "title", "text": "{%"},
    ),
    refusal("questions_misplaced", template(), CREATE.model_copy(update={"content": ASKING}), {"questions": 1}),
    refusal("questions_misplaced", template(OF_QUESTIONS, PUBLISHED), PUBLISH),
    refusal("unknown_attribute", template(), CREATE_QUESTIONS, {"attribute": "fleet_size"}),
    refusal("unknown_attribute", template(OF_QUESTIONS, PUBLISHED), PublishTemplate(content=ASKING)),
    refusal("unknown_template", template(), PUBLISH),
    refusal("unknown_template", template(), RetireTemplate()),
    refusal("template_retired", RETIRED, PUBLISH),
    refusal("template_retired", RETIRED, RetireTemplate()),
    refusal("nothing_to_change", IN_USE, PublishTemplate(content=FIRST), {"version": 1}),
    *[
        refusal(
            "before_its_cause",
            template(at(day(2), CREATED), at(day(2), PUBLISHED)),
            command.model_copy(update={"occurred_at": day(1)}),
        )
        for command in (PUBLISH, RetireTemplate())
    ],
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_template_begins_with_its_first_version() -> None:
    made = template().when(CREATE).then(CREATED, PUBLISHED)
    assert (made.name, made.latest, made.versions) == ("Offer", 1, {1: FIRST})


def test_a_new_version_leaves_the_old_one_as_it_was() -> None:
    made = IN_USE.when(PUBLISH).then(TemplatePublished(number=2, content=SECOND, note="With the total"))
    assert (made.numbered(None), made.numbered(1)) == ((2, SECOND), (1, FIRST))
    with pytest.raises(Refused, match="unknown_template_version"):
        made.numbered(3)


def test_a_retired_template_keeps_its_versions() -> None:
    made = IN_USE.when(RetireTemplate(reason="Over")).then(TemplateRetired(reason="Over"))
    assert (made.is_retired, made.versions) == (True, {1: FIRST})


def test_questions_may_be_bound_to_attributes_that_are_declared() -> None:
    declared = rules(attributes={"fleet_size": Attribute(name="fleet_size", kind=AttributeKind.NUMBER)})
    assert len(template().when(CREATE_QUESTIONS, regulation=declared).events()) == 2


@pytest.mark.parametrize(
    "questions",
    [
        (BOUND, BOUND),
        (BOUND, BOUND.model_copy(update={"key": "other"})),
        ({"key": "a", "text": "x", "field": "industry", "attribute": "fleet_size"},),
        ({"key": "a", "text": "x", "field": "name"},),
        ({"key": "A", "text": "x"},),
    ],
)
def test_questions_that_make_no_questionnaire(questions: Any) -> None:
    with pytest.raises(ValidationError):
        TemplateVersion.model_validate({"title": "Q", "body": "x", "questions": questions})


def test_fields_of_the_card_that_answers_land_on() -> None:
    assert Question(key="a", text="x", field=CardField.INDUSTRY).attribute is None


@pytest.mark.parametrize(
    ("tongue", "amount", "number", "on"),
    [
        (Tongue.RUSSIAN, "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,80", "2,5", "02.03.2026"),
        (Tongue.ENGLISH, "1,234,567.80", "2.5", "2026-03-02"),
    ],
)
def test_how_values_are_written(tongue: Tongue, amount: str, number: str, on: str) -> None:
    assert amount_written(Decimal("1234567.8"), tongue) == amount
    assert number_written(Decimal("2.500"), tongue) == number
    assert (day_written(day(0).date(), tongue), day_written(None, tongue)) == (on, "")


def test_small_parts_of_an_amount_are_shown() -> None:
    assert amount_written(Decimal("0.1234"), Tongue.ENGLISH) == "0.1234"
    assert number_written(Decimal(100), Tongue.ENGLISH) == "100"


def test_marks_in_values_are_escaped() -> None:
    assert escaped("# a | b\n- c\\d") == "\\# a \\| b\N{LINE SEPARATOR}\\- c\\\\d"


def test_a_document_waits_for_its_pages() -> None:
    document, context = Filled("КП", "текст"), make_context(RetireTemplate())
    with pytest.raises(NotRendered) as raised:
        rendered(document, context)
    assert raised.value.filled == document
    found = make_context(RetireTemplate(), known=finds(PAGES))
    assert rendered(document, found) == PAGES
    assert document.key != Filled("К", "Птекст").key


@pytest.mark.parametrize("pages", [None, 61])
def test_a_document_that_is_too_long(pages: int | None) -> None:
    context = make_context(RetireTemplate(), known=finds(Rendered("0" * 64, 1, pages)))
    with pytest.raises(Refused, match="document_too_long"):
        rendered(Filled("a", "b"), context)
