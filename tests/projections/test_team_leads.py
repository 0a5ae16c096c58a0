"""The leads as a team works them: lists, offers between sellers, results."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.exchange_events import (
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.client.key_persons import KeyPersonAdded, KeyPersonRemoved
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.employee import Employee
from domain.types import DecisionRole, FailureReason, Step, Variant
from projections.exchanges_query import ExchangeState, exchanges, exchanges_for_expiry, overdue_offers
from projections.exchanges_query import Wanted as WantedOffers
from projections.lead_work import HANDED_BACK, HANDED_ON, REDISTRIBUTED
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.team_leads import TeamLeadsView
from projections.team_leads_query import (
    Behind,
    Outcome,
    Wanted,
    Worked,
    calling_list,
    own_lists,
    results,
    results_behind,
    under_review,
)
from tests.domain.facts import ANNA, EXCHANGE, IN_FIRST_DEAL, IN_SERVICE, PERSON, REACHED, REGISTERED, accepted, offered
from tests.projections.filled import fill_with, seen
from tests.spec import ALL_ROUNDER, CLOSER, MANAGER, SECOND_SELLER, SELLER, History, at, day

VIEW = TeamLeadsView()
LG, FD, AS = Step
NO_TYPE = KeyPersonAdded(key_person_id=PERSON, name="Anna", role=DecisionRole.DECIDES)


def assigned(employee: Employee, before: Employee | None = None, reason: FailureReason | None = None) -> Any:
    return EmployeeAssigned(
        step=LG,
        employee_id=employee.id,
        previous_id=before and before.id,
        failure_reason=reason,
        variant=Variant.TRUSTING,
    )


def offer(number: int, to: Employee | None = None, due: float = 4) -> ExchangeOffered:
    return ExchangeOffered(
        exchange_id=UUID(int=number),
        step=LG,
        from_employee_id=SELLER.id,
        to_employee_id=to and to.id,
        reason=FailureReason.TYPES_INCOMPATIBLE,
        due_at=day(due),
        expires_at=day(due + 2),
        comment="Wants numbers",
    )


def works(*history: Any) -> list[tuple[UUID, str | None, datetime, datetime | None, datetime | None]]:
    """Who worked it, how that ended, from when to when, and when the deal was won."""
    state = seen(VIEW, history)
    return [(row[3], row[7], row[5], row[6], row[9]) for row in VIEW.parts(state)[VIEW.part_tables[0]]]


class TestFold:
    @pytest.mark.parametrize(
        ("history", "missing"),
        [
            ((REGISTERED,), ["key_person", "decision_role", "personality_type"]),
            ((REGISTERED, ANNA), []),
            ((REGISTERED, NO_TYPE), ["personality_type"]),
            ((REGISTERED, KeyPersonAdded(key_person_id=PERSON, personality_type="driver")),
             ["decision_role", "personality_type"]),
            ((REGISTERED, NO_TYPE, CardChanged(changed=("personality_type",), personality_type="amiable")), []),
            ((REGISTERED, ANNA, KeyPersonRemoved(key_person_id=PERSON)), ["key_person", "decision_role",
                                                                          "personality_type"]),
        ],
    )  # fmt: skip
    def test_what_a_card_lacks(self, history: History, missing: list[str]) -> None:
        assert list(seen(VIEW, history).missing) == missing

    def test_the_way_of_a_client_is_the_work_of_three(self) -> None:
        assert works(*IN_SERVICE) == [
            (SELLER.id, HANDED_ON, day(0), day(4), day(6)),
            (CLOSER.id, HANDED_ON, day(4), day(8), day(6)),
            (MANAGER.id, "working", day(8), None, None),
        ]

    def test_a_redistribution_ends_the_work_of_who_failed(self) -> None:
        history = [REGISTERED, at(day(1), assigned(SELLER)), at(day(3), assigned(CLOSER, SELLER, FailureReason.PRICE))]
        state = seen(VIEW, history)
        assert works(*history) == [
            (SELLER.id, REDISTRIBUTED, day(1), day(3), None),
            (CLOSER.id, "working", day(3), None, None),
        ]
        assert (state.failed, state.owned_since, state.works[0].failure_reason) == ((SELLER.id,), day(3), "price")

    def test_a_lost_client_ends_it_until_it_comes_back(self) -> None:
        lost = [
            REGISTERED,
            assigned(SELLER),
            at(day(2), ClientDisqualified(step=LG, reason=DisqualificationReason.PRICE)),
        ]
        assert works(*lost) == [(SELLER.id, "lost", day(0), day(2), None)]
        assert works(*lost, ClientReopened(step=LG)) == [(SELLER.id, "working", day(0), None, None)]

    def test_a_dormant_client_begins_another_round_without_a_contract(self) -> None:
        back = accepted(LG, SELLER, from_step=AS, handoff_id=UUID(int=0xF9), on=day(20))
        found = works(*IN_SERVICE, back)
        assert [each[1] for each in found] == [HANDED_ON, HANDED_ON, HANDED_BACK, "working"]
        assert seen(VIEW, [*IN_SERVICE, back]).won_at is None

    @pytest.mark.parametrize(
        ("answers", "state"),
        [
            ([ExchangeWithdrawn(exchange_id=UUID(int=1))], ("withdrawn", day(3), None, ())),
            ([ExchangeDeclined(exchange_id=UUID(int=1), employee_id=CLOSER.id)], ("waiting", None, None, (CLOSER.id,))),
            ([ExchangeAccepted(exchange_id=UUID(int=1), employee_id=CLOSER.id), assigned(CLOSER)],
             ("accepted", day(3), CLOSER.id, ())),
            ([ExchangeExpired(exchange_id=UUID(int=1))], ("expired", day(3), None, ())),
            ([assigned(CLOSER)], ("lapsed", day(3), None, ())),
            ([accepted(FD, CLOSER).event], ("lapsed", day(3), None, ())),
            ([ExchangeWithdrawn(exchange_id=EXCHANGE)], ("waiting", None, None, ())),
        ],
    )  # fmt: skip
    def test_how_an_offer_to_all_ends(self, answers: list[Any], state: tuple[Any, ...]) -> None:
        history = [REGISTERED, assigned(SELLER), at(day(2), offer(1)), *(at(day(3), each) for each in answers)]
        (found,) = seen(VIEW, history).offers.values()
        assert found[9:] == state

    def test_an_offer_to_one_ends_when_he_declines(self) -> None:
        declined = ExchangeDeclined(exchange_id=UUID(int=1), employee_id=CLOSER.id)
        (found,) = seen(VIEW, [REGISTERED, offer(1, CLOSER), declined]).offers.values()
        assert found.state == "declined"


OPEN, TALKED, FREE, PASSED, GIVEN_UP, FAILED = (UUID(int=number) for number in range(1, 7))
HISTORIES: dict[UUID, list[Any]] = {
    OPEN: [REGISTERED, at(day(1), assigned(SELLER)), at(day(2), offer(1)), at(day(3), offer(2, SECOND_SELLER, 9))],
    TALKED: [at(day(1), REGISTERED), at(day(2), ANNA), at(day(2), assigned(SELLER)), at(day(5), REACHED),
             offered(FD, CLOSER)],
    FREE: [at(day(2), REGISTERED)],
    PASSED: [*IN_FIRST_DEAL],
    GIVEN_UP: [REGISTERED, assigned(SELLER), at(day(2), offer(3)),
               at(day(2), ClientDisqualified(step=LG, reason=DisqualificationReason.PRICE))],
    FAILED: [REGISTERED, at(day(1), assigned(SECOND_SELLER)),
             at(day(4), assigned(SELLER, SECOND_SELLER, FailureReason.PRICE)), at(day(4), offer(4))],
}  # fmt: skip
TEAM = (SELLER.id, SECOND_SELLER.id)


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    await fill_with(engine, VIEW, HISTORIES.items())
    return engine


def ids(found: Any, name: str = "id") -> list[Any]:
    return [item[name] for item in found.items]


async def test_lists_of_leads(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        own = await own_lists(connection, Wanted(LG, TEAM), Page())
        assert ids(own) == [OPEN, TALKED, FAILED]
        assert (own.items[1]["last_contact_at"], own.items[1]["client_type"]) == (day(5), "driver")
        assert ids(await own_lists(connection, Wanted(LG, [SECOND_SELLER.id]), Page())) == []
        assert ids(await own_lists(connection, Wanted(FD, [CLOSER.id], has_contract=False), Page())) == [PASSED]
        assert ids(await own_lists(connection, Wanted(FD, [CLOSER.id], has_contract=True), Page())) == []
        first = await own_lists(connection, Wanted(LG, TEAM), Page(None, 2))
        assert ids(await own_lists(connection, Wanted(LG, TEAM), Page(first.next_cursor, 2))) == [FAILED]
        with pytest.raises(BadCursor):
            await own_lists(connection, Wanted(LG, TEAM), Page("WyIxIl0"))
        assert ids(await own_lists(connection, Wanted(LG, TEAM, reviewed=True), Page())) == [OPEN, FAILED]
        called = Wanted(LG, TEAM, unowned=True, incomplete=True)
        assert ids(await calling_list(connection, called, Page())) == [OPEN, FAILED, FREE]
        assert ids(await calling_list(connection, called._replace(incomplete=False), Page())) == [TALKED]
        reviewed = await under_review(connection, Wanted(LG, TEAM, reviewed=True, client_ids=[OPEN, FAILED]), 9)
        assert [(each.client_id, each.owner_id, list(each.failed)) for each in reviewed] == [
            (OPEN, SELLER.id, []),
            (FAILED, SELLER.id, [SECOND_SELLER.id]),
        ]


async def test_offers_to_somebody_and_by_somebody(filled: AsyncEngine) -> None:
    """The second seller has failed with one lead; nobody is offered leads that were given up."""
    async with filled.connect() as connection:

        async def listed(**wanted: Any) -> list[int]:
            found = await exchanges(connection, WantedOffers(**wanted), Page(), day(5))
            return [key.int for key in ids(found, "exchange_id")]

        assert await listed(receiver=SECOND_SELLER.id, steps=(LG,)) == [1, 2]
        assert await listed(receiver=ALL_ROUNDER.id, steps=(LG,)) == [1, 4]
        assert await listed(receiver=ALL_ROUNDER.id, steps=(FD,)) == []
        assert await listed(receiver=SELLER.id, steps=(LG,)) == []
        assert await listed(state=ExchangeState.OVERDUE) == [1, 4]
        assert await listed(state=ExchangeState.WAITING, from_employees=[SELLER.id]) == [1, 4, 2]
        assert await listed(client_id=GIVEN_UP) == [3]
        assert await overdue_offers(connection, TEAM, day(5)) == {SELLER.id: 2}
        assert await exchanges_for_expiry(connection, day(6), 10) == []
        late = await exchanges_for_expiry(connection, day(6.5), 10)
        assert [(each.exchange_id.int, each.expired_at) for each in late] == [(1, day(6)), (4, day(6))]
        assert await overdue_offers(connection, TEAM, day(4)) == {}


async def test_results_by_seller_and_by_lead(filled: AsyncEngine) -> None:
    async with filled.connect() as connection:
        worked = Worked(LG, TEAM)
        found = await results(connection, worked)
        figures = {key: (each["leads"], each["working"], each["handed_on"], each["lost"], each["redistributed"])
                   for key, each in found.items()}  # fmt: skip
        assert figures == {SELLER.id: (5, 3, 1, 1, 0), SECOND_SELLER.id: (1, 0, 0, 0, 1)}
        assert (found[SELLER.id]["incomplete"], found[SECOND_SELLER.id]["failed_by_reason"]) == (2, {"price": 1})
        late = await results(connection, Worked(LG, TEAM, Period(day(4.5), None)))
        assert {key: each["leads"] for key, each in late.items()} == {SELLER.id: 3}
        early = await results(connection, Worked(LG, TEAM, Period(None, day(0.5))))
        assert {key: each["leads"] for key, each in early.items()} == {SELLER.id: 2}

        async def behind(**wanted: Any) -> list[Any]:
            return ids(await results_behind(connection, Behind(worked, **wanted), Page()), "client_id")

        assert await behind(outcome=Outcome.WORKING) == [OPEN, TALKED, FAILED]
        assert await behind(outcome=Outcome.WORKING, incomplete=False) == [TALKED]
        assert await behind(incomplete=True) == [OPEN, FAILED]
        assert await behind(won=True) == []
        assert sorted(await behind(won=False)) == [OPEN, TALKED, PASSED, GIVEN_UP, FAILED, FAILED]
