"""A distribution: planned, edited, applied."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.distribution.commands import (
    MOST_LEADS,
    ApplyDistribution,
    EditDistribution,
    RecordDistributed,
    RecordPlan,
)
from domain.distribution.events import (
    CHUNK,
    DistributionEdited,
    DistributionFinished,
    DistributionPlanned,
    DistributionStarted,
    LeadsDistributed,
    LinesPlanned,
)
from domain.distribution.lines import Line, Reason, Seller, Skipped
from domain.distribution.state import Distribution, Stage
from domain.regulation.compatibility import Compatibility
from domain.team_work.state import TEAM_WORK_ID, Team, TeamWork
from domain.types import FailureReason, Step, Variant
from tests.domain.facts import TEAM
from tests.spec import (
    CLOSER,
    GONE,
    HEAD,
    SECOND_SELLER,
    SELLER,
    SOMEBODY,
    Refusal,
    at,
    day,
    finds,
    given_stream,
    refusal,
    rules,
)

ID = UUID(int=9)
LEADS = [UUID(int=number) for number in range(1, 5)]
FIRST, SECOND, THIRD, FOURTH = LEADS
SELLERS = (
    Seller(employee_id=SELLER.id, personality_type="driver", capacity=5, working=3),
    Seller(employee_id=SECOND_SELLER.id, personality_type="amiable"),
)
LINES = (
    Line(client_id=FIRST, client_type="driver", employee_id=SELLER.id, score=Decimal("0.8"), reason=Reason.BEST_SCORE),
    Line(client_id=SECOND, client_type="driver", employee_id=SELLER.id, score=Decimal("0.8"), reason=Reason.BEST_SCORE),
    Line(client_id=THIRD, client_type="amiable", barred=(SECOND_SELLER.id,), reason=Reason.NO_CAPACITY),
    Line(client_id=FOURTH, employee_id=SECOND_SELLER.id, score=Decimal("0.5"), reason=Reason.BEST_SCORE),
)
PLAN = RecordPlan(
    step=Step.LEAD_GENERATION,
    sellers=SELLERS,
    lines=LINES,
    total=Decimal("2.1"),
    greedy_total=Decimal("1.9"),
    greedy_given=3,
)
PLANNED = (
    DistributionPlanned(
        step=Step.LEAD_GENERATION,
        sellers=SELLERS,
        leads=4,
        given=3,
        total=Decimal("2.1"),
        greedy_given=3,
        greedy_total=Decimal("1.9"),
    ),
    LinesPlanned(lines=LINES),
)
NOTHING = given_stream(Distribution(ID))
READY = given_stream(Distribution(ID), *PLANNED)
STARTED = given_stream(Distribution(ID), *PLANNED, at(day(1), DistributionStarted(), HEAD))
MOVE = EditDistribution(client_id=FIRST, employee_id=SECOND_SELLER.id)
CHANGED = Skipped(client_id=SECOND, code="lead_changed")


FOR_TEAM = PLAN.model_copy(update={"team_id": TEAM})
REVIEW = PLAN.model_copy(update={"team_id": TEAM, "is_review": True})
OF_REVIEW = PLANNED[0].model_copy(update={"team_id": TEAM, "is_review": True})
PLANNED_REVIEW = given_stream(Distribution(ID), at(day(5), OF_REVIEW, HEAD), at(day(5), PLANNED[1], HEAD))


def team(**changes: Any) -> dict[str, Any]:
    """A context that knows a team."""
    facts: dict[str, Any] = {"id": TEAM, "variant": Variant.TRUSTING, "step": Step.LEAD_GENERATION}
    facts |= {"seller_ids": (SELLER.id,), "head_id": HEAD.id, "started_at": day(1), "since": day(1)}
    return {"known": finds(TeamWork(TEAM_WORK_ID, 1, {TEAM: Team(**facts | changes)}))}


def with_seller(employee_id: UUID) -> RecordPlan:
    return PLAN.model_copy(update={"sellers": (Seller(employee_id=employee_id),)})


REFUSALS = [
    refusal("no_leads", NOTHING, PLAN.model_copy(update={"lines": ()})),
    refusal("no_employees_to_give_to", NOTHING, PLAN.model_copy(update={"sellers": ()})),
    refusal("too_many_leads", NOTHING, PLAN.model_copy(update={"lines": LINES[:1] * (MOST_LEADS + 1)})),
    refusal("unknown_employee", NOTHING, with_seller(SOMEBODY)),
    refusal("employee_left", NOTHING, with_seller(GONE.id)),
    refusal("employee_not_in_step", NOTHING, with_seller(CLOSER.id)),
    *[
        refusal("unknown_distribution", NOTHING, command, {"id": ID})
        for command in (MOVE, ApplyDistribution(), RecordDistributed())
    ],
    *[
        refusal(code, stream, command, **context)
        for stream, command in ((NOTHING, REVIEW), (PLANNED_REVIEW, ApplyDistribution()))
        for code, context in (
            ("unknown_team", {}),
            ("team_work_ended", team(ended_at=day(3))),
            ("before_its_cause", team(since=day(101))),
            ("variant_without_reviews", team(variant=Variant.DEMOCRATIC)),
        )
    ],
    refusal("team_work_ended", NOTHING, FOR_TEAM, **team(ended_at=day(3))),
    refusal("review_outdated", PLANNED_REVIEW, ApplyDistribution(), {"planned_at": day(5)}, **team(reviewed_at=day(6))),
    refusal("distribution_in_other_stage", STARTED, MOVE, {"stage": Stage.APPLYING}),
    refusal("distribution_in_other_stage", STARTED, ApplyDistribution(), {"needed": Stage.PLANNED}),
    refusal("distribution_in_other_stage", READY, RecordDistributed(assigned=(FIRST,))),
    refusal("lead_not_in_plan", READY, EditDistribution(client_id=SOMEBODY)),
    refusal("employee_not_in_plan", READY, EditDistribution(client_id=FIRST, employee_id=CLOSER.id)),
    refusal("nothing_to_change", READY, EditDistribution(client_id=FIRST, employee_id=SELLER.id)),
    refusal("nothing_to_change", READY, EditDistribution(client_id=THIRD)),
    refusal("failed_with_lead", READY, EditDistribution(client_id=THIRD, employee_id=SECOND_SELLER.id)),
    refusal("no_capacity_left", READY, EditDistribution(client_id=THIRD, employee_id=SELLER.id), {"free": 2}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


class TestPlanning:
    def test_a_plan_is_kept_with_its_lines(self) -> None:
        distribution = NOTHING.when(PLAN, by=HEAD).then(*PLANNED)
        assert (distribution.stage, distribution.planned_by) == (Stage.PLANNED, HEAD.id)
        assert (distribution.given, distribution.total) == (3, Decimal("2.1"))
        assert distribution.loads == {SELLER.id: 2, SECOND_SELLER.id: 1}

    def test_many_lines_are_spread_over_several_events(self) -> None:
        many = tuple(LINES[0].model_copy(update={"client_id": UUID(int=number)}) for number in range(2 * CHUNK + 1))
        _, *chunks = NOTHING.when(PLAN.model_copy(update={"lines": many})).events()
        assert [len(chunk.lines) for chunk in chunks if isinstance(chunk, LinesPlanned)] == [CHUNK, CHUNK, 1]
        assert tuple(NOTHING.when(PLAN.model_copy(update={"lines": many})).after().lines.values()) == many


class TestEditing:
    def test_a_lead_is_moved_at_the_score_of_the_matrix_in_force(self) -> None:
        matrix = Compatibility(scores={"amiable": {"driver": Decimal("0.1")}})
        edited = DistributionEdited(client_id=FIRST, employee_id=SECOND_SELLER.id, score=Decimal("0.1"))
        distribution = READY.when(MOVE, regulation=rules(compatibility=matrix)).then(edited)
        assert (distribution.total, distribution.loads) == (Decimal("1.4"), {SELLER.id: 1, SECOND_SELLER.id: 2})
        assert distribution.lines[FIRST].reason is Reason.EDITED

    def test_a_lead_taken_out_makes_room_for_another(self) -> None:
        out = DistributionEdited(client_id=FIRST)
        distribution = READY.when(EditDistribution(client_id=FIRST)).then(out)
        assert distribution.given == 2
        room = given_stream(Distribution(ID), *PLANNED, out)
        added = DistributionEdited(client_id=THIRD, employee_id=SELLER.id, score=Decimal("0.3"))
        room.when(EditDistribution(client_id=THIRD, employee_id=SELLER.id)).then(added)


class TestApplying:
    def test_it_begins_with_all_that_have_an_employee(self) -> None:
        distribution = READY.when(ApplyDistribution(), by=HEAD).then(DistributionStarted())
        assert (distribution.stage, distribution.started_by) == (Stage.APPLYING, HEAD.id)
        assert [line.client_id for line in distribution.pending()] == [FIRST, SECOND, FOURTH]

    def test_it_goes_on_until_every_lead_is_done(self) -> None:
        part = LeadsDistributed(assigned=(FIRST,), skipped=(CHANGED,))
        command = RecordDistributed(assigned=(FIRST,), skipped=(CHANGED,))
        distribution = STARTED.when(command).then(part)
        assert ([line.client_id for line in distribution.pending()], distribution.skipped) == ([FOURTH], 1)
        rest = given_stream(Distribution(ID), *PLANNED, DistributionStarted(), part)
        done = rest.when(RecordDistributed(assigned=(FOURTH,))).then(
            LeadsDistributed(assigned=(FOURTH,)), DistributionFinished(assigned=2, skipped=1)
        )
        assert (done.stage, done.pending(), len(done.outcomes)) == (Stage.APPLIED, [], 3)

    def test_a_plan_without_anything_to_give_ends_at_once(self) -> None:
        empty = (PLANNED[0], LinesPlanned(lines=LINES[2:3]), DistributionStarted())
        done = (
            given_stream(Distribution(ID), *empty)
            .when(RecordDistributed())
            .then(DistributionFinished(assigned=0, skipped=0))
        )
        assert done.stage is Stage.APPLIED


def test_a_review_is_applied_once_and_only_if_none_was_held_since() -> None:
    assert PLANNED_REVIEW.when(ApplyDistribution(), **team(reviewed_at=day(4))).events() == [DistributionStarted()]
    planned = NOTHING.when(REVIEW, **team()).after()
    assert (planned.team_id, planned.is_review, planned.left()) == (TEAM, True, {Reason.NO_CAPACITY: 1})


def test_what_stays_under_review_takes_the_room_that_it_would_have_made() -> None:
    """The seller can work two, works two, and both are under review: one goes, one comes."""
    own: dict[str, Any] = {"owner_id": SELLER.id, "barred": (SELLER.id,), "failure_reason": FailureReason.PRICE}
    full = Seller(employee_id=SELLER.id, capacity=2, working=2, under_review=2)
    lines = (
        Line(client_id=FIRST, employee_id=SECOND_SELLER.id, score=Decimal(1), reason=Reason.BEST_SCORE, **own),
        Line(client_id=SECOND, reason=Reason.NO_CAPACITY, **own),
        Line(client_id=THIRD, employee_id=SELLER.id, score=Decimal(1), reason=Reason.BEST_SCORE),
        Line(client_id=FOURTH, reason=Reason.NO_CAPACITY),
    )
    facts = {"sellers": (full, SELLERS[1]), "lines": lines, "team_id": TEAM, "is_review": True}
    review = given_stream(NOTHING.when(PLAN.model_copy(update=facts), **team()).after())
    review.when(EditDistribution(client_id=FOURTH, employee_id=SELLER.id)).refused("no_capacity_left")
    review.when(EditDistribution(client_id=FIRST)).refused("no_capacity_left", employee_id=SELLER.id)
    away = review.when(EditDistribution(client_id=THIRD)).after()
    assert given_stream(away).when(EditDistribution(client_id=FIRST)).after().given == 0
