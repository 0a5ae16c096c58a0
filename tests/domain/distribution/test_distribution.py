"""A distribution: planned, edited, applied."""

from decimal import Decimal
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
from domain.types import Step
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
