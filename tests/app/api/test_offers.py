"""What is offered over HTTP: articles of the catalogue, and what comes of the deal when the client agrees."""

from tests.app.api.conftest import Api
from tests.app.api.test_obligations import client_with_deal, get
from tests.app.api.test_proposals import LATER, OFFER, template
from tests.app.api.test_terms import NEED, amounts, closer, refused

__all__ = ["closer"]


async def test_articles_are_offered_at_the_price_of_the_list_or_below(api: Api) -> None:
    """Four of 12.50 for 11 each less 10 %: 50 at list prices for 39.60."""
    product = (await api.made("/products", {"code": "PIPE", "label": "Труба", "attributes": ["diameter"]}))["id"]
    article = {"code": "PIPE-40", "attributes": {"diameter": "40 мм"}}
    pipe = (await api.made(f"/products/{product}/articles", article))["article_id"]
    client, line = await api.lead(), {"article": "pipe-40", "quantity": "4", "discount": "10"}
    draft = {"lines": [line], "currency": "EUR", "valid_until": LATER}
    gap = await api.post(client + "/proposals", draft)
    assert (gap.status_code, gap.json()["code"], gap.json()["facts"]["article"]) == (409, "no_price", "PIPE-40")
    listed = {"code": "retail", "label": "Retail", "currency": "EUR", "valid_from": "2020-01-01"}
    await api.made("/price-lists", listed)
    price = {"price_list": "retail", "price": "12.50", "valid_from": "2020-01-01"}
    await api.made(f"/articles/{pipe}/prices", price)
    proposal = (await api.made(client + "/proposals", draft))["proposal_id"]
    await api.made(f"{client}/proposals/{proposal}/revise", {"lines": [line | {"price": "11"}]})
    first, second = (await api.get(f"{client}/proposals/{proposal}")).json()["revisions"]
    assert (first["lines"][0]["text"], first["lines"][0]["price"], first["total"]) == (
        "Труба, 40 мм",
        "12.50",
        "45.00",
    )
    [cheaper] = second["lines"]
    assert (cheaper["price"], cheaper["list_price"], cheaper["price_list"]) == ("11.00", "12.50", "retail")
    assert [second[name] for name in ("list_total", "total", "given", "given_percent")] == [
        "50.00",
        "39.60",
        "10.40",
        "20.80",
    ]
    unknown = await api.post(client + "/proposals", draft | {"lines": [{"article": "BROOM", "price": "1"}]})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_article")
    assert unknown.json()["facts"] == {"article": "BROOM"}


async def test_what_was_agreed_is_won_without_being_typed_again(api: Api, closer: Api) -> None:
    """The list says 1,000; 100 are given, of which a closing manager may give 50."""
    client, deal = await client_with_deal(closer, amount="1200")
    deal_id, offer = deal.rpartition("/")[2], await template(api, OFFER)
    draft = {"lines": [{"text": "Pipes", "price": "1000"}], "discount": "10", "currency": "EUR", "valid_until": LATER}
    proposal = (await closer.made(client + "/proposals", draft | {"deal_id": deal_id}))["proposal_id"]
    path, sending = f"{client}/proposals/{proposal}", {"template_id": offer}
    facts = await refused(closer, path + "/send", sending, "approval_required")
    assert amounts(facts, "discount", "discount_percent", "discount_limit_percent") == ["100.00", "10.00", "5"]
    loose = (await closer.made(client + "/proposals", draft))["proposal_id"]
    await refused(closer, f"{client}/proposals/{loose}/send", sending, "discount_above_limit")

    asked = await closer.made(deal + "/approvals", NEED | {"proposal_id": proposal})
    await api.made(f"{client}/approvals/{asked['approval_id']}/give", {"reason": "Worth it"})
    await closer.made(path + "/send", sending)
    after = (await closer.made(path + "/accept"))["position"]
    (shown,) = (await get(closer, client, after))["deals"]
    assert amounts(shown, "amount", "discount") == ["900.00", "100.00"]
    analysis = await get(closer, deal + "/analysis", after)
    assert amounts(analysis, "revenue", "discount", "approval_required") == ["900.00", "100.00", False]
    assert (await get(closer, deal + "/analysis", after, revenue="890"))["approval_required"]
    facts = await refused(closer, deal + "/win", {"revenue": "890", "cost": "500"}, "approval_required")
    assert amounts(facts, "discount", "discount_percent") == ["110.00", "11.00"]
    after = (await closer.made(deal + "/win", {"cost": "500"}))["position"]
    (item,) = (await get(api, "/reports/discounts", after))["items"]
    figures = ("deals", "list_price", "discount", "above_limit", "approved", "excess", "implied", "lowered_deals")
    assert amounts(item, *figures) == [1, "1000.00", "100.00", 1, 1, "50.00", "0.00", 0]


async def test_what_is_given_without_a_name_is_reported(api: Api, closer: Api) -> None:
    """One deal is won for 30 less than agreed; one was lowered by 200 before, and is won as it stands."""
    _, implied = await client_with_deal(closer, amount="1000")
    _, lowered = await client_with_deal(closer, amount="1000")
    await refused(closer, implied + "/win", {"revenue": "900", "cost": "500", "discount": "0"}, "approval_required")
    await closer.made(implied + "/win", {"revenue": "970", "cost": "500"})
    await closer.made(lowered + "/change", {"amount": "800"})
    after = (await closer.made(lowered + "/win", {"revenue": "800", "cost": "500"}))["position"]
    (item,) = (await get(api, "/reports/discounts", after))["items"]
    figures = ("deals", "list_price", "discount", "above_limit", "implied", "lowered_deals", "lowered")
    assert amounts(item, *figures) == [1, "1000.00", "30.00", 0, "30.00", 1, "200.00"]
    for asked, deal in (({"implied": True}, implied), ({"discounted": False}, lowered), ({"kind": "deal"}, implied)):
        behind = (await get(api, "/reports/discounts/deals", after, **asked))["items"]
        assert behind[0]["deal_id"] == deal.rpartition("/")[2]
    for wanted, deal, shown in ((True, lowered, "200.00"), (False, implied, "0.00")):
        (behind,) = (await get(api, "/reports/discounts/deals", after, lowered=wanted))["items"]
        assert (behind["id"], behind["lowered"]) == (deal.rpartition("/")[2], shown)
