"""The terms of deals over HTTP: every amount is worked out by hand.

Rules: a margin of 20 %; a closing manager gives 5 %, from a list price of 10,000 on 7 %, to silver clients 6 %.
"""

from decimal import Decimal
from typing import Any

import pytest

from domain.types import Role
from tests.app.api.conftest import Api, Staff
from tests.app.api.test_obligations import client_with_deal, get

RULES = {
    "limits": [{"role": "closing_manager", "percent": "5"}],
    "volume_steps": [{"currency": "EUR", "from_amount": "10000", "percent": "7"}],
    "loyalty_tiers": [{"name": "Silver", "currency": "EUR", "from_amount": "12000", "percent": "6"}],
}
CARD = {"expected_purchase": "10000", "currency": "EUR", "purchase_interval": "quarterly", "retention_years": "3"}
NEED = {"reason": "Opens the door to the whole group"}


async def refused(api: Api, path: str, body: Any, code: str) -> dict[str, Any]:
    answer = await api.post(path, body)
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    return answer.json()["facts"]


def amounts(shown: dict[str, Any], *names: str) -> list[Any]:
    return [shown[name] for name in names]


PROFIT = ("list_price", "discount", "revenue", "cost", "obligations", "profit", "margin_percent")


@pytest.fixture
async def closer(api: Api, staff: Staff) -> Api:
    await api.made("/regulation/minimum-margin", {"percent": "20"})
    await api.made("/regulation/discounts", {"rules": RULES})
    await staff.hire("closer", Role.CLOSING_MANAGER)
    return await staff.api("closer")


async def approve(head: Api, seller: Api, client: str, deal: str, **terms: str) -> int:
    asked = await seller.made(deal + "/approvals", NEED | terms)
    given = await head.made(f"{client}/approvals/{asked['approval_id']}/give", {"reason": "Worth it"})
    return given["position"]


async def test_below_the_minimum_margin_only_on_the_very_terms_that_a_head_approved(api: Api, closer: Api) -> None:
    client, deal = await client_with_deal(closer, amount="9025", discount="475")
    await closer.made(client + "/card", CARD)
    training = {"text": "Train two operators", "due_at": "2030-01-15T10:00:00Z", "cost": "600"}
    made = await closer.made(deal + "/obligations", training)
    obligation = made["obligation_id"]

    analysis = await get(closer, deal + "/analysis", made["position"], cost="6800")
    assert amounts(analysis, *PROFIT) == ["9500.00", "475.00", "9025.00", "6800.00", "600.00", "1625.00", "18.01"]
    assert amounts(analysis, "needed_margin_percent", "discount_limit_percent", "approval_required") == [
        "20",
        "5",
        True,
    ]
    assert analysis["expected_value"][0]["value"] == "120000.00"
    assert (await get(closer, deal + "/analysis"))["profit"] is None
    assert not (await get(closer, deal + "/analysis", cost="6620"))["approval_required"], "1805 is 20 % of 9025"

    win = {"revenue": "9025", "cost": "6800"}
    facts = await refused(closer, deal + "/win", win, "approval_required")
    assert amounts(facts, "profit", "margin_percent", "needed_margin_percent") == ["1625", "18.01", "20"]
    terms = {"revenue": "9025", "discount": "475", "cost": "6800"}
    await refused(closer, deal + "/approvals", NEED | terms | {"cost": "6620"}, "approval_not_needed")
    asked = await closer.made(deal + "/approvals", NEED | terms)
    await refused(closer, deal + "/win", win, "approval_required")
    answer = f"{client}/approvals/{asked['approval_id']}/"
    for forbidden in (await closer.post(answer + "give", {"reason": "Mine"}), await closer.get("/approvals")):
        assert (forbidden.status_code, forbidden.json()["code"]) == (403, "forbidden")

    (waiting,) = (await get(api, "/approvals", asked["position"]))["items"]
    assert amounts(waiting, *PROFIT) == amounts(analysis, *PROFIT)
    assert amounts(waiting, "reason", "deal_title", "state") == [NEED["reason"], "Trial", "waiting"]
    assert waiting["requested_by"]["code"] == "closer"
    given = await api.made(answer + "give", {"reason": "Worth it"})
    assert (await get(api, "/approvals", given["position"]))["items"] == []
    (answered,) = (await get(api, "/approvals", given["position"], state="given"))["items"]
    assert (answered["answered_by"]["code"], answered["answer"]) == ("head", "Worth it")
    await refused(api, answer + "refuse", {"reason": "No"}, "approval_answered")

    for worse in ({"cost": "6800.01"}, {"revenue": "9024.99"}, {"discount": "475.01"}):
        await refused(closer, deal + "/win", win | worse, "approval_required")
    assert not (await get(closer, deal + "/analysis", cost="6800"))["approval_required"]
    await closer.made(deal + "/win", win)
    done = await closer.made(f"{client}/obligations/{obligation}/fulfil", {"cost": "700"})
    (shown,) = (await get(closer, client, done["position"]))["deals"]
    assert amounts(shown, "amount", "discount", "cost", "obligations", "profit", "margin_percent", "approval") == [
        *("9025.00", "475.00", "6800.00", "700.00", "1525.00", "16.90", "given")
    ]


async def test_discounts_within_the_limit_and_above_it(api: Api, closer: Api) -> None:
    client, deal = await client_with_deal(closer, amount="1000")
    facts = await refused(closer, deal + "/change", {"amount": "900", "discount": "100"}, "approval_required")
    assert amounts(facts, "discount", "discount_percent", "discount_limit_percent") == ["100", "10.00", "5"]
    after = await approve(api, closer, client, deal, revenue="900", discount="100")
    await closer.made(deal + "/change", {"amount": "900", "discount": "100"})
    await closer.made(deal + "/win", {"revenue": "900", "cost": "500"})

    opening = {"title": "More", "amount": "900", "discount": "100", "currency": "EUR"}
    offer = await closer.made(client + "/handoffs", {"to_step": "account_service"})
    await closer.post(f"{client}/handoffs/{offer['handoff_id']}/accept")
    await refused(closer, client + "/deals", opening, "discount_above_limit")

    policy = await get(closer, client + "/discount-policy")
    assert amounts(policy, "limit_percent", "limit_amount", "realised") == ["5", None, {"EUR": "900.00"}]
    policy = await get(closer, client + "/discount-policy", amount="10000", currency="EUR")
    assert [(each["source"], each["percent"]) for each in policy["sources"]] == [("volume", "7"), ("role", "5")]
    assert amounts(policy, "limit_percent", "limit_amount") == ["7", "700.00"]
    mine = await get(api, client + "/discount-policy", amount="9999", currency="EUR")
    assert amounts(mine, "sources", "limit_percent", "roles") == [[], "0", ["administrator"]]
    missing = await api.get(client + "/discount-policy", amount="9999")
    assert (missing.status_code, list(missing.json()["errors"])) == (422, ["currency"])
    unknown = await api.get(f"/clients/{deal.rpartition('/')[2]}/discount-policy")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_client")
    assert after


async def won(head: Api, closer: Api) -> tuple[str, str, str, str, int]:
    """The first client, its deal with a good margin, one of the head's at a loss, one with a large discount."""
    first, good = await client_with_deal(closer, amount="9500", discount="500")
    second, bad = await client_with_deal(head, amount="1000")
    third, cheap = await client_with_deal(closer, amount="1000")
    await closer.made(good + "/win", {"revenue": "9500", "cost": "6000"})
    await approve(head, head, second, bad, revenue="1000", cost="1200")
    await head.made(bad + "/win", {"revenue": "1000", "cost": "1200"})
    await approve(head, closer, third, cheap, revenue="900", discount="100")
    last = await closer.made(cheap + "/win", {"revenue": "900", "cost": "500", "discount": "100"})
    return first, good, bad, cheap, last["position"]


async def test_reports_open_down_to_the_deals(api: Api, closer: Api) -> None:
    _, _, bad, _, after = await won(api, closer)
    report = await get(api, "/reports/profitability", after)
    worst, best = report["items"]
    assert [worst["employee"]["name"], *amounts(worst, *PROFIT)] == [
        *("Head", "1000.00", "0.00", "1000.00", "1200.00", "0.00", "-200.00", "-20.00")
    ]
    assert amounts(worst, "deals", "unprofitable", "loss", "below_minimum") == [1, 1, "-200.00", 1]
    assert [best["employee"]["name"], *amounts(best, *PROFIT)] == [
        *("Closer", "11000.00", "600.00", "10400.00", "6500.00", "0.00", "3900.00", "37.50")
    ]
    total = report["total"]["currencies"]["EUR"]
    assert amounts(total, "deals", "profit", "margin_percent", "loss") == [3, "3700.00", "32.46", "-200.00"]
    for by in ("origin", "category", "month"):
        split = await get(api, "/reports/profitability", after, by=by)
        assert sum(Decimal(item["profit"]) for item in split["items"]) == 3700
        assert split["total"] == report["total"]
    (loss,) = (await get(api, "/reports/profitability/deals", after, unprofitable=True))["items"]
    assert amounts(loss, "id", "profit", "needed_margin_percent", "below_minimum") == [
        *(bad.rpartition("/")[2], "-200.00", "20", True)
    ]
    assert loss["margin_approved_by"]["code"] == "head"
    page = await get(api, "/reports/profitability/deals", after, limit=1)
    rest = await get(api, "/reports/profitability/deals", after, cursor=page["next_cursor"])
    assert [item["profit"] for item in page["items"] + rest["items"]] == ["-200.00", "400.00", "3500.00"]

    given = await get(api, "/reports/discounts", after, by="employee")
    (item,) = given["items"]
    figures = ("deals", "list_price", "discount", "discount_percent", "above_limit", "approved", "excess")
    assert amounts(item, *figures) == [2, "11000.00", "600.00", "5.45", 1, 1, "50.00"]
    assert item["without_limit"] == 0
    (above,) = (await get(api, "/reports/discounts/deals", after, above_limit=True))["items"]
    assert amounts(above, "discount", "discount_percent", "discount_limit_percent", "allowed") == [
        *("100.00", "10.00", "5", "50.00")
    ]
    assert (above["discount_approved_by"]["code"], above["given_by"]["code"]) == ("head", "closer")
    largest, _ = (await get(api, "/reports/discounts/deals", after))["items"]
    assert amounts(largest, "discount", "discount_limit_percent", "above_limit") == ["500.00", "7", False]


async def test_a_head_corrects_what_was_won_and_everything_follows(api: Api, closer: Api) -> None:
    first, good, _, cheap, _ = await won(api, closer)
    correction = {"revenue": "950", "discount": "50", "reason": "The invoice was for 950"}
    assert (await closer.post(cheap + "/correct", correction)).status_code == 403
    await api.made(cheap + "/correct", correction)
    await refused(api, cheap + "/correct", correction, "nothing_to_change")
    last = await api.made(good + "/correct", {"revenue": "12000", "cost": "6500", "reason": "Two invoices"})
    after = last["position"]
    closers = (await get(api, "/reports/profitability", after))["items"][1]
    assert amounts(closers, *PROFIT) == ["13500.00", "550.00", "12950.00", "7000.00", "0.00", "5950.00", "45.95"]
    assert (await get(api, "/reports/discounts", after))["items"][0]["above_limit"] == 0
    value = await get(api, first + "/value", after)
    assert amounts(value["realised"][0], "purchases", "revenue", "margin") == [1, "12000.00", "5500.00"]
    card = await get(api, first, after)
    assert amounts(card["money"][0], "revenue", "cost") == ["12000.00", "6500.00"]
    assert card["last_purchase"]["amount"] == "12000.00"
    assert amounts(card["loyalty_tier"], "name", "percent") == ["Silver", "6"]
    policy = await get(closer, first + "/discount-policy")
    assert [each["tier"] for each in policy["sources"]] == ["Silver", None]
    (listed,) = (await get(api, "/deals", after, state="won", currency="EUR", limit=1))["items"]
    assert listed["amount"] == "12000.00"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/regulation/minimum-margin", {"percent": "101"}, "percent"),
        ("/regulation/discounts", {"rules": {"limits": [{"percent": "5", "role": "boss"}]}}, "rules.limits.0.role"),
    ],
)
async def test_bad_rules_are_named(api: Api, path: str, body: Any, field: str) -> None:
    answer = await api.post(path, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
