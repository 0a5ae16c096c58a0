"""Observed compatibility: which work counts as a trial, and the report of it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.deal_events import DealLost, DealReopened
from domain.client.deal_reasons import LossReason
from domain.client.handoff_events import HandoffAccepted
from domain.client.key_persons import KeyPersonAdded, KeyPersonChanged, KeyPersonRemoved
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.employee import Employee
from domain.kernel import Event
from domain.regulation.compatibility import Compatibility
from domain.types import STEPS, DecisionRole, FailureReason, Step
from projections.compatibility import ClientTrials, CompatibilityView, Trial
from projections.compatibility_query import (
    CompatibilityBy,
    Tried,
    observed,
    trials_behind,
)
from projections.paging import BadCursor, Page
from projections.period import Period
from tests.domain.facts import DEAL, HANDOFF, OPENED, SECOND_DEAL, WON
from tests.projections.histories import Fact as Happening
from tests.projections.support import prepared, project
from tests.spec import CLIENT_ID, CLOSER, MANAGER, SECOND_CLOSER, SECOND_SELLER, SELLER, Fact, day, recorded

VIEW = CompatibilityView()
LG, FD, AS = STEPS
REGISTERED = ClientRegistered(name="Steelworks", origin="social", personality_type="cat")
LOST = DealLost(deal_id=DEAL, reason=LossReason.PRICE)
GIVEN_UP = ClientDisqualified(step=LG, reason=DisqualificationReason.NO_NEED)


def assigned(
    to: Employee, step: Step = LG, previous: Employee | None = None, why: FailureReason | None = None
) -> Event:
    return EmployeeAssigned(
        step=step, employee_id=to.id, previous_id=previous.id if previous else None, failure_reason=why
    )


def handed_to(step: Step, by: Employee, from_step: Step = LG) -> Event:
    return HandoffAccepted(handoff_id=HANDOFF, from_step=from_step, to_step=step, employee_id=by.id)


def person(number: int, role: DecisionRole | None, personality_type: str | None) -> KeyPersonAdded:
    return KeyPersonAdded(key_person_id=UUID(int=number), name="Anna", role=role, personality_type=personality_type)


def after(*story: Event) -> ClientTrials:
    """The state after events a day apart, the first on day 0."""
    state = VIEW.start(CLIENT_ID)
    for event in recorded([Fact(event, day(number)) for number, event in enumerate(story)]):
        state = VIEW.evolve(state, event)
    return state


def trials(*story: Event) -> list[Trial]:
    return list(after(*story).decided)


class TestTrials:
    def test_work_under_way_decides_nothing(self) -> None:
        assert trials(REGISTERED, assigned(SELLER), handed_to(FD, CLOSER), OPENED) == []

    def test_a_won_deal_is_the_success_of_both_steps(self) -> None:
        story = (REGISTERED, assigned(SELLER), handed_to(FD, CLOSER), OPENED, WON)
        won = [Trial(LG, SELLER.id, day(4), success=True), Trial(FD, CLOSER.id, day(4), success=True)]
        assert trials(*story) == won
        second = WON.model_copy(update={"deal_id": SECOND_DEAL})
        assert trials(*story, second, handed_to(AS, MANAGER, FD), second, GIVEN_UP) == won

    def test_who_is_replaced_for_a_reason_has_failed(self) -> None:
        story = (REGISTERED, assigned(SELLER), assigned(SECOND_SELLER, LG, SELLER, FailureReason.TYPES_INCOMPATIBLE))
        assert trials(*story) == [Trial(LG, SELLER.id, day(2), success=False)]
        assert after(*story).failed == (SELLER.id,)

    def test_who_left_the_firm_has_not_failed_with_the_type(self) -> None:
        state = after(REGISTERED, assigned(SELLER), assigned(SECOND_SELLER, LG, SELLER, FailureReason.EMPLOYEE_LEFT))
        assert list(state.decided) == []
        assert state.failed == (SELLER.id,)

    @pytest.mark.parametrize("lost", [GIVEN_UP, ClientArchived(step=LG)])
    def test_a_lost_client_is_the_failure_of_all_at_work(self, lost: Event) -> None:
        assert trials(REGISTERED, assigned(SELLER), handed_to(FD, CLOSER), lost) == [
            Trial(LG, SELLER.id, day(3), success=False),
            Trial(FD, CLOSER.id, day(3), success=False),
        ]

    @pytest.mark.parametrize(
        ("lost", "back"), [(GIVEN_UP, ClientReopened(step=LG)), (ClientArchived(step=LG), ClientRestored(step=LG))]
    )
    def test_a_client_that_is_back_is_undecided_again(self, lost: Event, back: Event) -> None:
        assert trials(REGISTERED, assigned(SELLER), lost, back) == []

    def test_a_lost_deal_fails_until_another_is_opened(self) -> None:
        story = (REGISTERED, handed_to(FD, CLOSER), OPENED, LOST)
        assert trials(*story) == [Trial(FD, CLOSER.id, day(3), success=False)]
        assert trials(*story, DealReopened(deal_id=DEAL)) == []
        assert trials(*story, OPENED.model_copy(update={"deal_id": SECOND_DEAL}), WON) == [
            Trial(FD, CLOSER.id, day(5), success=True)
        ]

    def test_a_lost_deal_beside_an_open_one_decides_nothing(self) -> None:
        second = OPENED.model_copy(update={"deal_id": SECOND_DEAL})
        assert trials(REGISTERED, handed_to(FD, CLOSER), OPENED, second, LOST) == []

    def test_work_is_never_decided_before_it_began(self) -> None:
        story = (
            REGISTERED,
            handed_to(FD, CLOSER),
            OPENED,
            LOST,
            assigned(SECOND_CLOSER, FD, CLOSER, FailureReason.PRICE),
        )
        assert trials(*story) == [
            Trial(FD, CLOSER.id, day(4), success=False),
            Trial(FD, SECOND_CLOSER.id, day(4), success=False),
        ]

    def test_a_client_handed_back_begins_anew(self) -> None:
        story = (REGISTERED, assigned(SELLER), handed_to(FD, CLOSER), handed_to(LG, SECOND_SELLER, FD), GIVEN_UP)
        assert trials(*story) == [Trial(LG, SECOND_SELLER.id, day(4), success=False)]

    def test_account_service_is_not_on_trial(self) -> None:
        assert trials(REGISTERED, handed_to(AS, MANAGER, FD), assigned(SELLER, AS, MANAGER, FailureReason.OTHER)) == []


class TestClientType:
    @pytest.mark.parametrize(
        ("events", "expected"),
        [
            ((), "cat"),
            ((person(1, DecisionRole.DECIDES, "wolf"),), "cat"),
            ((CardChanged(changed=("personality_type",)),), None),
            ((CardChanged(changed=("personality_type",)), person(1, DecisionRole.DECIDES, "wolf")), "wolf"),
            ((CardChanged(changed=("personality_type",)), person(1, DecisionRole.USER, "wolf")), None),
            ((CardChanged(changed=("name",), name="New"),), "cat"),
        ],
    )
    def test_the_card_comes_before_the_key_person_who_decides(
        self, events: tuple[Event, ...], expected: str | None
    ) -> None:
        assert after(REGISTERED, *events).client_type == expected

    def test_changes_of_key_persons_are_followed(self) -> None:
        known = (
            CardChanged(changed=("personality_type",)),
            person(1, None, "wolf"),
            person(2, DecisionRole.DECIDES, "eagle"),
        )
        decides = KeyPersonChanged(key_person_id=UUID(int=1), changed=("role",), role=DecisionRole.DECIDES)
        typed = KeyPersonChanged(key_person_id=UUID(int=1), changed=("personality_type",), personality_type="shark")
        assert after(REGISTERED, *known).client_type == "eagle"
        assert after(REGISTERED, *known, decides).client_type == "wolf"
        assert after(REGISTERED, *known, decides, typed).client_type == "shark"
        assert after(REGISTERED, *known, decides, KeyPersonRemoved(key_person_id=UUID(int=1))).client_type == "eagle"


ALWAYS = Tried()
TYPES = {SELLER.id: "driver", CLOSER.id: "amiable"}
MATRIX = Compatibility(
    types=("driver", "cat"),
    scores={"driver": {"cat": Decimal("0.9"), "driver": Decimal("0.7")}},
    default_score=Decimal("0.4"),
)


def client(number: int, client_type: str | None, on: int, *events: Event) -> list[Happening]:
    """A client registered on day 0; the events happen on the day."""
    key = UUID(int=number)
    registered = ClientRegistered(name=f"Client {number}", origin="social", personality_type=client_type)
    return [Happening(key, registered, day(0)), *(Happening(key, event, day(on)) for event in events)]


FACTS = [
    *client(1, "cat", 1, assigned(SELLER), handed_to(FD, CLOSER), OPENED, WON),
    *client(2, "cat", 40, assigned(SELLER), GIVEN_UP),
    *client(3, None, 41, assigned(SECOND_SELLER), GIVEN_UP),
    *client(4, "cat", 42, assigned(SELLER)),
]


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    log = await prepared(engine, [VIEW])
    await log.add(FACTS)
    await project(log, [VIEW])
    return engine


async def figures(
    engine: AsyncEngine, by: CompatibilityBy, tried: Tried = ALWAYS
) -> dict[tuple[Any, ...], tuple[int, int]]:
    async with engine.connect() as connection:
        found = await observed(connection, by, tried, TYPES, MATRIX)
    shown = {"pair": ("employee_type", "client_type"), "employee": ("employee",)}.get(by.value, (by.value,))
    items = {tuple(item[name] for name in shown): (item["trials"], item["successes"]) for item in found.items}
    assert sum(trials for trials, _ in items.values()) == found.total["trials"]
    assert sum(successes for _, successes in items.values()) == found.total["successes"]
    return items


class TestReport:
    async def test_by_pairs_those_of_the_matrix_are_all_there(self, filled: AsyncEngine) -> None:
        assert await figures(filled, CompatibilityBy.PAIR) == {
            ("driver", "cat"): (2, 1),
            ("amiable", "cat"): (1, 1),
            (None, None): (1, 0),
            ("driver", "driver"): (0, 0),
        }

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            (CompatibilityBy.EMPLOYEE_TYPE, {("driver",): (2, 1), ("amiable",): (1, 1), (None,): (1, 0)}),
            (CompatibilityBy.CLIENT_TYPE, {("cat",): (3, 2), (None,): (1, 0)}),
            (CompatibilityBy.EMPLOYEE, {(SELLER.id,): (2, 1), (CLOSER.id,): (1, 1), (SECOND_SELLER.id,): (1, 0)}),
        ],
    )
    async def test_by_type_and_employee(self, filled: AsyncEngine, by: CompatibilityBy, expected: Any) -> None:
        assert await figures(filled, by) == expected

    async def test_of_a_step_and_a_period(self, filled: AsyncEngine) -> None:
        by = CompatibilityBy.CLIENT_TYPE
        assert await figures(filled, by, Tried(step=FD)) == {("cat",): (1, 1)}
        assert await figures(filled, by, Tried(Period(day(40), day(41)))) == {("cat",): (1, 0)}

    async def test_scores_and_intervals_stand_beside_the_rate(self, filled: AsyncEngine) -> None:
        async with filled.connect() as connection:
            found = await observed(connection, CompatibilityBy.PAIR, Tried(), TYPES, MATRIX)
        first, last = found.items[0], found.items[-1]
        assert (first["configured_score"], first["rate"], first["low"], first["high"]) == (
            Decimal("0.9"),
            0.5,
            0.0945,
            0.9055,
        )
        assert (last["configured_score"], last["rate"], last["low"]) == (Decimal("0.7"), None, None)
        assert {item["employee_type"]: item["configured_score"] for item in found.items}[None] == Decimal("0.4")


class TestTrialsBehind:
    async def test_page_by_page_the_last_decided_first(self, filled: AsyncEngine) -> None:
        seen, cursor = list[tuple[str, str, bool]](), None
        async with filled.connect() as connection:
            while True:
                page = await trials_behind(connection, Tried(), Page(cursor, 1))
                seen += [(item["client_name"], item["step"], item["success"]) for item in page.items]
                if not (cursor := page.next_cursor):
                    break
        assert seen == [
            ("Client 3", LG, False),
            ("Client 2", LG, False),
            ("Client 1", FD, True),
            ("Client 1", LG, True),
        ]

    @pytest.mark.parametrize(
        ("behind", "clients"),
        [
            (Tried(step=FD), ["Client 1"]),
            (Tried(values={"client_type": None}), ["Client 3"]),
            (Tried(values={"success": True, "employee": SELLER.id}), ["Client 1"]),
            (Tried(employees=[SELLER.id]), ["Client 2", "Client 1"]),
            (Tried(not_employees=[SELLER.id, CLOSER.id]), ["Client 3"]),
        ],
    )
    async def test_filtered(self, filled: AsyncEngine, behind: Tried, clients: list[str]) -> None:
        async with filled.connect() as connection:
            page = await trials_behind(connection, behind, Page())
        assert [item["client_name"] for item in page.items] == clients

    async def test_a_cursor_of_another_list(self, filled: AsyncEngine) -> None:
        async with filled.connect() as connection:
            with pytest.raises(BadCursor):
                await trials_behind(connection, Tried(), Page("WyIxIl0", 1))
