"""Qualification and disqualification."""

from uuid import UUID

import pytest

from domain.client.contacts import Outcome
from domain.client.key_persons import KeyPersonRemoved
from domain.client.qualification import (
    ClientDisqualified,
    ClientQualified,
    ClientReopened,
    DisqualificationReason,
    DisqualifyClient,
    QualifyClient,
    ReopenClient,
)
from domain.regulation.step_rules import Criterion, StepRules
from domain.types import Step
from tests.domain.facts import (
    ANNA,
    IN_FIRST_DEAL,
    LEAD,
    OFFERED,
    PERSON,
    QUALIFIED,
    QUALIFIED_LEAD,
    REACHED,
    REGISTERED,
)
from tests.spec import Fact, Refusal, at, day, given, refusal, rules

QUALIFY = QualifyClient(need="Pipes")
GIVE_UP = DisqualifyClient(reason=DisqualificationReason.NO_NEED)
GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
DISQUALIFIED = (*QUALIFIED_LEAD, at(day(5), GIVEN_UP))
NOBODY_REACHED = REACHED.model_copy(update={"outcome": Outcome.GATEKEEPER})
TYPELESS = ANNA.model_copy(update={"personality_type": None})
BORIS = ANNA.model_copy(update={"key_person_id": UUID(int=7), "name": "Boris"})
"""Of a known type, but never reached."""
ONLY_NEED = rules(steps={Step.LEAD_GENERATION: StepRules(qualification_criteria=(Criterion.NEED_CONFIRMED,))})


def missing(*criteria: Criterion) -> dict[str, list[Criterion]]:
    return {"missing": list(criteria)}


REFUSALS = [
    refusal("wrong_step", given(*IN_FIRST_DEAL), QUALIFY),
    refusal("already_qualified", given(*QUALIFIED_LEAD), QUALIFY),
    refusal("criteria_not_met", given(REGISTERED), QualifyClient(), missing(*Criterion)),
    refusal("criteria_not_met", given(*LEAD), QualifyClient(need="  "), missing(Criterion.NEED_CONFIRMED)),
    refusal(
        "criteria_not_met", given(REGISTERED, TYPELESS, REACHED), QUALIFY, missing(Criterion.KEY_PERSON_TYPE_KNOWN)
    ),
    refusal(
        "criteria_not_met", given(REGISTERED, ANNA, NOBODY_REACHED), QUALIFY, missing(Criterion.KEY_PERSON_REACHED)
    ),
    refusal("criteria_not_met", given(REGISTERED), QualifyClient(), regulation=ONLY_NEED),
    refusal(
        "criteria_not_met",
        given(REGISTERED, TYPELESS, REACHED, BORIS),
        QUALIFY,
        missing(Criterion.KEY_PERSON_TYPE_KNOWN),
    ),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(3), ANNA), at(day(4), REACHED)),
        QualifyClient(need="Pipes", occurred_at=day(3.5)),
        {"criterion": Criterion.KEY_PERSON_REACHED, "since": day(4)},
    ),
    refusal(
        "criteria_not_met",
        given(*LEAD, KeyPersonRemoved(key_person_id=PERSON)),
        QUALIFY,
        missing(Criterion.KEY_PERSON_KNOWN, Criterion.KEY_PERSON_TYPE_KNOWN, Criterion.KEY_PERSON_REACHED),
    ),
    refusal(
        "before_its_cause",
        given(*DISQUALIFIED, at(day(7), ClientReopened(step=Step.LEAD_GENERATION))),
        QualifyClient(need="Pipes", occurred_at=day(6)),
        {"since": day(7)},
    ),
    refusal("client_disqualified", given(*DISQUALIFIED), QUALIFY),
    refusal("handoff_pending", given(*OFFERED), GIVE_UP),
    refusal("before_its_cause", given(*IN_FIRST_DEAL), GIVE_UP.model_copy(update={"occurred_at": day(3)})),
    refusal("client_disqualified", given(*DISQUALIFIED), GIVE_UP, {"reason": DisqualificationReason.NO_NEED}),
    refusal("client_not_disqualified", given(*LEAD), ReopenClient()),
    refusal("before_its_cause", given(*DISQUALIFIED), ReopenClient(occurred_at=day(4))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_client_that_meets_the_criteria_is_qualified() -> None:
    client = given(*LEAD).when(QUALIFY).then(QUALIFIED)
    assert client.qualification.qualified
    assert client.qualification.need == "Pipes"


def test_the_criteria_are_those_in_force() -> None:
    qualified = ClientQualified(step=Step.LEAD_GENERATION, criteria=(Criterion.NEED_CONFIRMED,), need="Pipes")
    given(REGISTERED).when(QUALIFY, regulation=ONLY_NEED).then(qualified)


def test_a_client_given_up_has_to_be_qualified_again() -> None:
    client = given(*QUALIFIED_LEAD).when(GIVE_UP).then(GIVEN_UP)
    assert client.qualification.disqualified == "no_need"
    assert not client.qualification.qualified


@pytest.mark.parametrize(("history", "step"), [(DISQUALIFIED, Step.LEAD_GENERATION), (IN_FIRST_DEAL, Step.FIRST_DEAL)])
def test_a_client_is_reopened_in_the_step_where_it_was(history: tuple[Fact, ...], step: Step) -> None:
    given_up = at(day(6), ClientDisqualified(step=step, reason=DisqualificationReason.PRICE))
    client = (
        given(*history, given_up)
        .when(ReopenClient(comment="Called us"))
        .then(ClientReopened(step=step, comment="Called us"))
    )
    assert client.qualification.disqualified is None
    assert client.step is step


def test_a_handed_over_client_is_not_qualified_any_more() -> None:
    assert not given(*IN_FIRST_DEAL).state.qualification.qualified
