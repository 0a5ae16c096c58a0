"""Scripts and their versions."""

import pytest
from pydantic import ValidationError

from domain.playbook import (
    CreateScript,
    PublishScript,
    RetireScript,
    Script,
    ScriptCreated,
    ScriptPublished,
    ScriptRetired,
    ScriptStep,
)
from domain.types import Category, Channel, Step
from tests.domain.examples import SCRIPT_COMMANDS
from tests.spec import Fact, Given, Refusal, at, day, folded, new, recorded, refusal

OPENING = ScriptStep(key="opening", prompt="Introduce yourself")
NEED = ScriptStep(key="need", prompt="Ask what they buy", expected_answers=("Nothing",))
CREATED = ScriptCreated(name="First call", step=Step.LEAD_GENERATION, channel=Channel.PHONE)
FIRST = ScriptPublished(number=1, steps=(OPENING,))
CREATE = CreateScript(name="First call", step=Step.LEAD_GENERATION, channel=Channel.PHONE, steps=(OPENING,))
PUBLISH = PublishScript(steps=(OPENING, NEED), note="Asks for the need")


def script(*history: Fact | ScriptCreated | ScriptPublished | ScriptRetired) -> Given[Script]:
    """A script with this history."""
    return Given(folded(Script.empty(new(9)), recorded(history, new(9))))


IN_USE = script(CREATED, FIRST)
RETIRED = script(CREATED, FIRST, ScriptRetired())

REFUSALS = [
    *[
        refusal("in_future", IN_USE, command.model_copy(update={"occurred_at": day(101)}))
        for command in SCRIPT_COMMANDS
    ],
    refusal("script_exists", IN_USE, CREATE),
    refusal("unknown_script", script(), PUBLISH),
    refusal("unknown_script", script(), RetireScript()),
    refusal("script_retired", RETIRED, PUBLISH),
    refusal("script_retired", RETIRED, RetireScript()),
    refusal("nothing_to_change", IN_USE, PublishScript(steps=(OPENING,)), {"version": 1}),
    *[
        refusal(
            "before_its_cause",
            script(at(day(2), CREATED), at(day(2), FIRST)),
            command.model_copy(update={"occurred_at": day(1)}),
        )
        for command in (PUBLISH, RetireScript())
    ],
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_script_begins_with_its_first_version() -> None:
    made = script().when(CREATE).then(CREATED, FIRST)
    assert (made.name, made.latest, made.versions) == ("First call", 1, {1: (OPENING,)})


def test_a_new_version_leaves_the_old_one_as_it_was() -> None:
    published = ScriptPublished(number=2, steps=(OPENING, NEED), note="Asks for the need")
    made = IN_USE.when(PUBLISH).then(published)
    assert (made.latest, made.versions) == (2, {1: (OPENING,), 2: (OPENING, NEED)})


def test_a_retired_script_keeps_its_versions() -> None:
    made = IN_USE.when(RetireScript(reason="Too long")).then(ScriptRetired(reason="Too long"))
    assert (made.is_retired, made.versions) == (True, {1: (OPENING,)})


@pytest.mark.parametrize(
    ("category", "of_client", "expected"),
    [
        (None, "A", True),
        (None, None, True),
        (Category.A, "A", True),
        (Category.A, "B", False),
        (Category.A, None, False),
    ],
)
def test_what_a_script_is_for(category: Category | None, of_client: str | None, expected: bool) -> None:
    state = script(CREATED.model_copy(update={"category": category}), FIRST).state
    assert state.fits(Step.LEAD_GENERATION, Channel.PHONE, of_client) is expected
    assert not state.fits(Step.LEAD_GENERATION, Channel.EMAIL, of_client)
    assert not state.fits(Step.FIRST_DEAL, Channel.PHONE, of_client)


def test_a_retired_script_is_for_nothing() -> None:
    assert not RETIRED.state.fits(Step.LEAD_GENERATION, Channel.PHONE, None)


@pytest.mark.parametrize("steps", [(), (OPENING, OPENING), ({"key": "Opening", "prompt": "x"},), ({"key": "a"},)])
def test_steps_that_make_no_script(steps: object) -> None:
    with pytest.raises(ValidationError):
        PublishScript.model_validate({"steps": steps})
