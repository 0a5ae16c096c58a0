"""The regulation."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.regulation.attributes import Attribute, AttributeDeclared, AttributeKind, DeclareAttribute
from domain.regulation.mode import ModeSet, SetMode
from domain.regulation.state import Regulation
from domain.regulation.step_rules import Criterion, SetStepRules, StepRules, StepRulesSet
from domain.regulation.working_time import SetTimeZone, TimeZoneSet
from domain.types import STEPS, Mode, Step
from tests.domain.examples import REGULATION_COMMANDS
from tests.spec import Refusal, day, given_regulation, refusal

DEFAULTS = given_regulation()
COLOUR = Attribute(name="colour", kind=AttributeKind.CHOICE, choices=("red", "blue"))
WITH_COLOUR = given_regulation(AttributeDeclared(attribute=COLOUR))


def declare(kind: AttributeKind, *choices: str) -> DeclareAttribute:
    return DeclareAttribute(attribute=Attribute(name="colour", kind=kind, choices=choices))


REFUSALS = [
    *[
        refusal("in_future", DEFAULTS, command.model_copy(update={"occurred_at": day(101)}))
        for command in REGULATION_COMMANDS
    ],
    refusal("nothing_to_change", DEFAULTS, SetStepRules(step=Step.FIRST_DEAL, rules=StepRules())),
    refusal("nothing_to_change", DEFAULTS, SetMode(mode=Mode.SEPARATE)),
    refusal("nothing_to_change", DEFAULTS, SetTimeZone(time_zone="UTC")),
    refusal("nothing_to_change", WITH_COLOUR, DeclareAttribute(attribute=COLOUR)),
    refusal("wrong_choice", DEFAULTS, declare(AttributeKind.CHOICE)),
    refusal("wrong_choice", DEFAULTS, declare(AttributeKind.TEXT, "red")),
    refusal("attribute_of_another_kind", WITH_COLOUR, declare(AttributeKind.TEXT), {"kind": AttributeKind.CHOICE}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_defaults() -> None:
    rules = Regulation().rules(Step.LEAD_GENERATION)
    assert Regulation().version == 0
    assert rules.qualification_criteria == tuple(Criterion)
    assert (rules.accept_within_working_days, rules.max_deals_before_handoff) == (1, 1)


def test_rules_belong_to_their_step() -> None:
    two = StepRules(max_deals_before_handoff=2)
    command = SetStepRules(step=Step.FIRST_DEAL, rules=two)
    regulation = DEFAULTS.when(command).then(StepRulesSet(step=Step.FIRST_DEAL, rules=two))
    assert regulation.rules(Step.FIRST_DEAL) == two
    assert regulation.rules(Step.ACCOUNT_SERVICE) == StepRules()
    assert regulation.version == 1


def test_mode_and_time_zone() -> None:
    assert DEFAULTS.when(SetMode(mode=Mode.SINGLE)).then(ModeSet(mode=Mode.SINGLE)).mode is Mode.SINGLE
    zone = "Europe/Moscow"
    assert DEFAULTS.when(SetTimeZone(time_zone=zone)).then(TimeZoneSet(time_zone=zone)).time_zone == zone


def test_a_second_declaration_replaces_label_and_choices() -> None:
    wider = COLOUR.model_copy(update={"choices": ("red", "blue", "green"), "label": "Colour"})
    regulation = WITH_COLOUR.when(DeclareAttribute(attribute=wider)).then(AttributeDeclared(attribute=wider))
    assert regulation.attributes == {"colour": wider}


@pytest.mark.parametrize(
    ("mode", "joined"),
    [
        (Mode.SEPARATE, set[frozenset[Step]]()),
        (Mode.LEAD_AND_DEAL, {frozenset(STEPS[:2])}),
        (Mode.DEAL_AND_SERVICE, {frozenset(STEPS[1:])}),
        (Mode.SINGLE, {frozenset(STEPS[:2]), frozenset(STEPS[1:]), frozenset({STEPS[0], STEPS[2]})}),
    ],
)
def test_which_steps_a_mode_leaves_in_one_hand(mode: Mode, joined: set[frozenset[Step]]) -> None:
    regulation = Regulation(mode=mode)
    pairs = {frozenset({a, b}) for a in STEPS for b in STEPS if a != b and regulation.joined(a, b)}
    assert pairs == joined


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        (AttributeKind.NUMBER, "10", "10"),
        (AttributeKind.NUMBER, "+010.50", "10.5"),
        (AttributeKind.NUMBER, "100", "100"),
        (AttributeKind.NUMBER, "-0.0", "0"),
        (AttributeKind.NUMBER, "1e5", None),
        (AttributeKind.NUMBER, "1e400", None),
        (AttributeKind.NUMBER, "NaN", None),
        (AttributeKind.NUMBER, "1_000", None),
        (AttributeKind.NUMBER, "١٢", None),
        (AttributeKind.NUMBER, "1" * 16, None),
        (AttributeKind.NUMBER, "", None),
        (AttributeKind.DATE, "2026-03-02", "2026-03-02"),
        (AttributeKind.DATE, "20260302", "2026-03-02"),
        (AttributeKind.DATE, "2026-02-30", None),
        (AttributeKind.DATE, "tomorrow", None),
        (AttributeKind.CHOICE, "red", "red"),
        (AttributeKind.CHOICE, "Red", None),
        (AttributeKind.TEXT, "anything", "anything"),
    ],
)
def test_values_of_attributes(kind: AttributeKind, value: str, kept: str | None) -> None:
    attribute = Attribute(name="own", kind=kind, choices=("red",))
    assert attribute.normalised(value) == kept
    assert attribute.accepts(value) is (kept is not None)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "europe/moscow"])
def test_unknown_time_zones(zone: str) -> None:
    with pytest.raises(ValidationError):
        SetTimeZone(time_zone=zone)


@pytest.mark.parametrize(
    "rules",
    [
        {"max_deals_before_handoff": 0},
        {"max_deals_before_handoff": 3},
        {"accept_within_working_days": 0},
        {"accept_within_working_days": 10**9},
        {"expire_after_working_days": 0},
        {"qualification_criteria": ["luck"]},
        {"colour": "red"},
    ],
)
def test_malformed_rules(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StepRules.model_validate(rules)
