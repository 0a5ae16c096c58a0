"""What is offered over HTTP: articles and their prices, and what an accepted offer makes of the deal."""

from tests.app.api.conftest import Api
from tests.app.api.test_proposals import LATER


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
