"""Teams: started, changed, led from stage to stage, reviewed and ended."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from domain.regulation.team_rules import TeamRules
from domain.team_work.commands import ChangeTeam, EndTeamWork, HoldReview, RecordReview, SetTeamStage, StartTeamWork
from domain.team_work.duties import duties
from domain.team_work.events import TeamChanged, TeamReviewed, TeamStage, TeamStageSet, TeamWorkEnded, TeamWorkStarted
from domain.team_work.reviews import months_later
from domain.team_work.state import TEAM_WORK_ID, TeamWork, working_variant
from domain.types import Step, Variant
from tests.domain.facts import TEAM
from tests.spec import (
    ALL_ROUNDER,
    CLOSER,
    GONE,
    HEAD,
    SECOND_SELLER,
    SELLER,
    SOMEBODY,
    Fact,
    Given,
    Refusal,
    at,
    day,
    finds,
    folded,
    make_context,
    new,
    recorded,
    refusal,
    rules,
)

LG = Step.LEAD_GENERATION
OTHER = UUID(int=0x7EB)
RUN = UUID(int=0xD1)


def started(team_id: UUID = TEAM, **changes: Any) -> TeamWorkStarted:
    facts: dict[str, Any] = {"variant": Variant.TRUSTING, "step": LG, "seller_ids": (SELLER.id,), "head_id": HEAD.id}
    return TeamWorkStarted(team_id=team_id, **facts | changes)


def team_work(*history: Fact) -> Given[TeamWork]:
    return Given(folded(TeamWork.empty(TEAM_WORK_ID), recorded(history, TEAM_WORK_ID)))


NO_TEAM = team_work()
ONE = team_work(at(day(1), started(), HEAD))
TWO = team_work(at(day(1), started(), HEAD), at(day(2), started(OTHER, seller_ids=(SECOND_SELLER.id,)), HEAD))
FREE = team_work(at(day(1), started(variant=Variant.DEMOCRATIC), HEAD))
OVER = team_work(at(day(1), started(), HEAD), at(day(3), TeamWorkEnded(team_id=TEAM), HEAD))
REVIEWED = team_work(at(day(1), started(), HEAD), at(day(3), TeamReviewed(team_id=TEAM, distribution_id=RUN), HEAD))
START = StartTeamWork(variant=Variant.AUTHORITARIAN, seller_ids=(SELLER.id, SECOND_SELLER.id))
CHANGE = ChangeTeam(team_id=TEAM, seller_ids=(SELLER.id, ALL_ROUNDER.id))
ON = SetTeamStage(team_id=TEAM, stage=TeamStage.MAIN)
HOLD = HoldReview(team_id=TEAM)
RECORD = RecordReview(team_id=TEAM, distribution_id=RUN)
END = EndTeamWork(team_id=TEAM)
OF_A_TEAM = (CHANGE, ON, HOLD, RECORD, END)


def of(employee_id: UUID) -> StartTeamWork:
    return START.model_copy(update={"seller_ids": (employee_id,)})


def with_sellers(employee_id: UUID) -> ChangeTeam:
    return CHANGE.model_copy(update={"seller_ids": (SELLER.id, employee_id)})


REFUSALS = [
    *[refusal("in_future", ONE, each.model_copy(update={"occurred_at": day(101)})) for each in (START, *OF_A_TEAM)],
    *[refusal("unknown_team", NO_TEAM, each, {"team_id": TEAM}) for each in OF_A_TEAM],
    *[refusal("team_work_ended", OVER, each, {"ended_at": day(3)}) for each in OF_A_TEAM],
    *[refusal("before_its_cause", ONE, each.model_copy(update={"occurred_at": day(0)})) for each in OF_A_TEAM],
    refusal("no_employees_to_give_to", NO_TEAM, START.model_copy(update={"seller_ids": None})),
    refusal("unknown_employee", NO_TEAM, of(SOMEBODY)),
    refusal("unknown_employee", NO_TEAM, START.model_copy(update={"head_id": SOMEBODY})),
    refusal("employee_left", NO_TEAM, of(GONE.id)),
    refusal("employee_left", NO_TEAM, START.model_copy(update={"deputy_id": GONE.id})),
    refusal("employee_not_in_step", NO_TEAM, of(CLOSER.id)),
    refusal("seller_in_other_team", ONE, START, {"employee_id": SELLER.id, "team_id": TEAM}),
    refusal("unknown_employee", ONE, with_sellers(SOMEBODY)),
    refusal("employee_left", ONE, with_sellers(GONE.id)),
    refusal("employee_not_in_step", ONE, with_sellers(CLOSER.id)),
    refusal("seller_in_other_team", TWO, with_sellers(SECOND_SELLER.id), {"team_id": OTHER}),
    refusal("nothing_to_change", ONE, ChangeTeam(team_id=TEAM, head_id=HEAD.id, deputy_id=None)),
    refusal(
        "stage_out_of_order",
        ONE,
        SetTeamStage(team_id=TEAM, stage=TeamStage.FINAL),
        {"stage": "preparatory", "next": "main"},
    ),
    refusal("variant_without_reviews", FREE, HOLD, {"variant": Variant.DEMOCRATIC}),
    refusal("variant_without_reviews", FREE, RECORD),
    refusal("nothing_to_change", REVIEWED, RECORD, {"distribution_id": RUN}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize(
    ("variant", "review_on"),
    [
        (Variant.DEMOCRATIC, None),
        (Variant.TRUSTING, date(2026, 12, 10)),
        (Variant.AUTHORITARIAN, date(2026, 7, 10)),
    ],
)
def test_the_variant_says_when_it_is_reviewed(variant: Variant, review_on: date | None) -> None:
    """Decided on 10 June 2026."""
    command = START.model_copy(update={"variant": variant})
    expected = started(new(1), variant=variant, seller_ids=START.seller_ids, review_on=review_on)
    found = NO_TEAM.when(command, by=HEAD).then(expected)
    assert [team.stage for team in found.teams.values()] == [TeamStage.PREPARATORY]


def test_a_review_on_a_day_off_is_held_on_the_next_working_day() -> None:
    """Four months after 10 June, when this is decided, is a Saturday."""
    months = TeamRules(review_every_months={Variant.TRUSTING: 4})
    made = ONE.when(HOLD, regulation=rules(team_rules=months)).events()
    assert made == [TeamReviewed(team_id=TEAM, review_on=date(2026, 10, 12))]


def test_months_later() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_stage_by_stage_and_round_again() -> None:
    found = ONE.state
    for stage in (TeamStage.MAIN, TeamStage.FINAL, TeamStage.COORDINATING, TeamStage.PREPARATORY):
        command = SetTeamStage(team_id=TEAM, stage=stage)
        found = Given(found).when(command).then(TeamStageSet(team_id=TEAM, stage=stage))
        assert found.teams[TEAM].stage is stage


def test_each_stage_of_each_variant_has_duties() -> None:
    codes = {variant: [each.code for stage in TeamStage for each in duties(variant, stage)] for variant in Variant}
    assert all(duties(variant, stage) for variant in Variant for stage in TeamStage)
    assert "answer_offers" in codes[Variant.DEMOCRATIC]
    assert "hold_review" not in codes[Variant.DEMOCRATIC]
    assert {"call_through", "hold_review"} < set(codes[Variant.AUTHORITARIAN])
    assert {"draw_up_own_list", "hold_review"} < set(codes[Variant.TRUSTING])


def test_only_what_differs_is_changed() -> None:
    made = TeamChanged(team_id=TEAM, changed=frozenset({"seller_ids"}), seller_ids=(SELLER.id, ALL_ROUNDER.id))
    found = ONE.when(CHANGE.model_copy(update={"head_id": HEAD.id})).then(made)
    assert found.team_of(ALL_ROUNDER.id, LG) == found.teams[TEAM]
    with pytest.raises(ValidationError, match="names somebody twice"):
        ChangeTeam(team_id=TEAM, seller_ids=(SELLER.id, SELLER.id))


def test_whoever_sells_in_a_team_works_in_its_variant_until_it_ends() -> None:
    context = make_context(START, known=finds(ONE.state))
    assert working_variant(SELLER.id, LG, context) is Variant.TRUSTING
    assert working_variant(SELLER.id, Step.FIRST_DEAL, context) is None
    assert working_variant(SECOND_SELLER.id, LG, context) is None
    ended = ONE.when(END).then(TeamWorkEnded(team_id=TEAM))
    assert ended.team_of(SELLER.id, LG) is None


def test_a_review_by_a_distribution_is_known_by_it() -> None:
    found = ONE.when(RECORD).after()
    assert (found.teams[TEAM].reviews, found.teams[TEAM].reviewed_at) == ((RUN,), day(100))


def test_there_are_no_leads_in_account_service() -> None:
    with pytest.raises(ValidationError, match="leads are worked"):
        StartTeamWork(variant=Variant.TRUSTING, step=Step.ACCOUNT_SERVICE)
