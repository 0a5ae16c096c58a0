"""Articles, price lists and what an article costs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.catalogue.articles import (
    Article,
    ArticleAdded,
    ArticleRestored,
    ArticleRetired,
    ChangeStocking,
    Offer,
    PriceSet,
    RestoreArticle,
    RetireArticle,
    SetPrice,
    StockingChanged,
)
from domain.catalogue.codes import article_id, price_list_id
from domain.catalogue.price_lists import LimitPriceList, OpenPriceList, PriceList, PriceListLimited, PriceListOpened
from domain.kernel import Lookup
from domain.types import Category
from tests.spec import Refusal, given_stream, make_context, refusal

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
ADDED = ArticleAdded(code="BROOM", product="BROOM", label="Broom", unit="piece")
EMPTY = Article.empty(article_id("BROOM"))
WITH_BROOM = given_stream(EMPTY, ADDED)
RETIRED = given_stream(EMPTY, ADDED, ArticleRetired())
LIST = PriceList.empty(price_list_id("retail"))
OPEN = OpenPriceList(code="retail", label="Retail", currency="EUR", valid_from=FIRST)
OPENED = PriceListOpened(code="retail", label="Retail", currency="EUR", valid_from=FIRST)
SET = SetPrice(price_list="RETAIL", price=Decimal(10), valid_from=FIRST)
PRICE = PriceSet(price_list="retail", currency="EUR", price=Decimal(10), valid_from=FIRST)


def price_list(code: str, **fields: Any) -> PriceList:
    return replace(PriceList(price_list_id(code), 1, code, code, "EUR", FIRST), **fields)


RETAIL = price_list("retail")


def lists(*known: PriceList) -> Lookup:
    by_id = {each.id: each for each in known}

    def find(_kind: type[Any], key: Any, /) -> Any:
        return by_id.get(key)

    return find


REFUSALS = [
    refusal("unknown_article", given_stream(EMPTY), SET),
    refusal("unknown_article", given_stream(EMPTY), RetireArticle()),
    refusal("unknown_article", given_stream(EMPTY), RestoreArticle()),
    refusal("unknown_article", given_stream(EMPTY), ChangeStocking(stocked=False)),
    refusal("nothing_to_change", WITH_BROOM, ChangeStocking(stocked=True)),
    refusal("unknown_price_list", WITH_BROOM, SET, {"price_list": "RETAIL"}),
    refusal("nothing_to_change", given_stream(EMPTY, ADDED, PRICE), SET, {"price": 10}, known=lists(RETAIL)),
    refusal("article_retired", RETIRED, RetireArticle()),
    refusal("article_not_retired", WITH_BROOM, RestoreArticle()),
    refusal("price_list_exists", given_stream(LIST, OPENED), OPEN),
    refusal("unknown_price_list", given_stream(LIST), LimitPriceList(valid_until=LAST)),
    refusal("nothing_to_change", given_stream(LIST, OPENED), LimitPriceList(valid_until=None)),
    refusal("ends_before_it_begins", given_stream(LIST, OPENED), LimitPriceList(valid_until=date(2025, 12, 31))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_price_list_is_opened_and_limited() -> None:
    given_stream(LIST).when(OPEN).then(OPENED)
    limited = given_stream(LIST, OPENED).when(LimitPriceList(valid_until=LAST)).then(PriceListLimited(valid_until=LAST))
    assert [limited.holds(day) for day in (FIRST, LAST, date(2027, 1, 1), date(2025, 12, 31))] == [
        True,
        True,
        False,
        False,
    ]


def test_an_article_gets_a_price_and_may_be_retired_for_a_time() -> None:
    WITH_BROOM.when(SET, known=lists(RETAIL)).then(PRICE)
    assert WITH_BROOM.when(RetireArticle()).then(ArticleRetired()).retired
    assert not RETIRED.when(RestoreArticle()).then(ArticleRestored()).retired


def test_an_article_may_be_no_goods() -> None:
    assert not WITH_BROOM.when(ChangeStocking(stocked=False)).then(StockingChanged(stocked=False)).stocked


def prices(*periods: tuple[str, str, str, str | None], code: str = "retail") -> list[PriceSet]:
    """Prices of a list: the price, and the first and last month."""
    return [
        PriceSet(
            price_list=code if list_code == "" else list_code,
            currency="EUR",
            price=Decimal(price),
            valid_from=date.fromisoformat(f"2026-{first}"),
            valid_until=date.fromisoformat(f"2026-{last}") if last else None,
        )
        for list_code, price, first, last in periods
    ]


@pytest.mark.parametrize(
    ("day", "price"),
    [
        ("01-31", None),
        ("02-01", "10"),
        ("02-28", "10"),
        ("03-01", "8"),
        ("03-31", "8"),
        ("04-01", "10"),
        ("06-30", None),
    ],
)
def test_a_temporary_price_goes_before_the_lasting_one_and_gaps_have_none(day: str, price: str | None) -> None:
    article = given_stream(EMPTY, ADDED, *prices(("", "10", "02-01", "05-31"), ("", "8", "03-01", "03-31"))).state
    found = article.price_on(RETAIL, date.fromisoformat(f"2026-{day}"))
    assert found == (None if price is None else Decimal(price))


def test_a_price_that_begins_on_the_same_day_is_replaced() -> None:
    article = given_stream(EMPTY, ADDED, *prices(("", "10", "02-01", None), ("", "9", "02-01", None))).state
    assert [price.price for price in article.prices["retail"]] == [9]


NEWER = price_list("autumn", valid_from=date(2026, 2, 1))
VIP = price_list("vip", category=Category.VIP, valid_from=date(2025, 1, 1))
RUBLES = price_list("rubles", currency="RUB")
OVER = price_list("over", valid_until=date(2026, 2, 28), valid_from=date(2026, 2, 2))
ALL = lists(RETAIL, NEWER, VIP, RUBLES, OVER)
PRICES = {"retail": "1", "autumn": "2", "vip": "3", "rubles": "4", "over": "5"}
PRICED = given_stream(
    EMPTY,
    ADDED,
    *prices(
        *(
            (code, price, "01-01", None)
            for code, price in zip(("retail", "autumn", "vip", "rubles", "over"), "12345", strict=True)
        )
    ),
).state


@pytest.mark.parametrize(
    ("currency", "category", "named", "found"),
    [
        ("EUR", None, None, Offer(Decimal(2), "autumn")),
        ("EUR", "VIP", None, Offer(Decimal(3), "vip")),
        ("EUR", "A", "RETAIL", Offer(Decimal(1), "retail")),
        ("EUR", None, "rubles", None),
        ("RUB", "VIP", None, Offer(Decimal(4), "rubles")),
        ("USD", None, None, None),
        ("EUR", None, "over", None),
    ],
)
def test_which_list_prices_an_order(
    currency: str, category: str | None, named: str | None, found: Offer | None
) -> None:
    context = make_context(SET, known=ALL)
    assert PRICED.offer(currency, date(2026, 3, 3), category, named, context) == found


@pytest.mark.parametrize("command", [SetPrice, OpenPriceList])
def test_nothing_ends_before_it_begins(command: Any) -> None:
    body = {"price_list": "a", "price": "1"} if command is SetPrice else {"code": "a", "label": "a", "currency": "EUR"}
    with pytest.raises(ValidationError, match="valid_until must not lie before valid_from"):
        command.model_validate({**body, "valid_from": "2026-02-01", "valid_until": "2026-01-31"})
