"""Leads dealt out by industry or region."""

from decimal import Decimal
from uuid import UUID

from domain.distribution.lines import Reason, Seller
from domain.distribution.problem import Lead, Plan
from domain.distribution.territories import Named, deal_out
from domain.regulation.compatibility import Compatibility

ANNA, BORIS, CLARA = (UUID(int=number) for number in (101, 102, 103))
NOBODYS: Named = {}


def sellers(*capacities: int | None) -> list[Seller]:
    return [
        Seller(employee_id=key, personality_type="driver", capacity=capacity)
        for key, capacity in zip((ANNA, BORIS, CLARA), capacities, strict=False)
    ]


def leads(*territories: str | None, barred: tuple[UUID, ...] = ()) -> list[Lead]:
    return [Lead(UUID(int=number), "driver", None, barred, None, name) for number, name in enumerate(territories, 1)]


def who(plan: Plan) -> str:
    """Who gets each lead, in order: a letter per lead, a dot where nobody does."""
    letters = {ANNA: "a", BORIS: "b", CLARA: "c", None: "."}
    return "".join(letters[line.employee_id] for line in plan.lines)


def dealt(found: list[Lead], staff: list[Seller], named: Named = NOBODYS) -> Plan:
    return deal_out(found, staff, Compatibility(), named)


def test_a_territory_stays_in_one_hand_and_the_largest_is_dealt_first() -> None:
    """Wood, three leads, goes to Anna; metal, two, to Boris; glass, one, to Boris too, who has fewer by then."""
    plan = dealt(leads("metal", "wood", "glass", "wood", "metal", "wood"), sellers(None, None))
    assert who(plan) == "bababa"
    assert {line.reason for line in plan.lines} == {Reason.TERRITORY}
    assert (plan.total, plan.lines[0].score, plan.lines[0].territory) == (Decimal("4.8"), Decimal("0.8"), "metal")


def test_a_territory_that_the_head_has_given_to_somebody_is_his_alone() -> None:
    plan = dealt(leads("metal", "metal", "wood"), sellers(1, None), {"metal": ANNA, "glass": BORIS})
    assert who(plan) == "a.b"
    assert [line.reason for line in plan.lines] == [Reason.TERRITORY, Reason.NO_CAPACITY, Reason.TERRITORY]


def test_one_that_is_too_large_for_anybody_is_split_and_the_rest_stays() -> None:
    plan = dealt(leads(*["metal"] * 6), sellers(2, 3))
    assert who(plan) == "bbbaa."
    assert plan.lines[-1].reason is Reason.NO_CAPACITY


def test_leads_without_a_territory_come_last_one_by_one() -> None:
    assert who(dealt(leads(None, "wood", None, "wood", None), sellers(None, None))) == "babaa"


def test_who_has_failed_with_a_lead_does_not_get_it() -> None:
    found = [*leads("wood", "wood", barred=(ANNA,)), Lead(UUID(int=9), None, None, (ANNA, BORIS), None, "wood")]
    plan = dealt(found, sellers(None, None))
    assert who(plan) == "bb."
    assert plan.lines[-1].reason is Reason.NOBODY_LEFT
    given = dealt(found, sellers(None, None), {"wood": ANNA})
    assert {line.reason for line in given.lines} == {Reason.NOBODY_LEFT}


def test_the_order_of_leads_and_sellers_does_not_matter() -> None:
    found = leads("metal", "wood", None, "wood", "metal", None)
    assert dealt(found[::-1], sellers(3, 3)[::-1]) == dealt(found, sellers(3, 3))
