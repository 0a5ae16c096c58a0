"""Lines of the catalogue are priced from a list, and what is offered below the list is a discount against it."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.catalogue.articles import Article, Price
from domain.catalogue.codes import article_id, price_list_id
from domain.catalogue.price_lists import PriceList
from domain.client.proposal_events import ProposalDrafted, ProposalLine, ProposalRevised
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.kernel import Reach, nothing_known
from domain.types import Category
from tests.domain.facts import LEAD
from tests.domain.papers import PROPOSAL
from tests.spec import NOW, Refusal, at, day, finds, given, new, refusal

PIPE = Article(
    article_id("PIPE-40"),
    1,
    "PIPE-40",
    "PIPE",
    "Pipe",
    "t",
    {"diameter": "40 mm"},
    {"retail": (Price(Decimal("12.5"), day(0).date()),), "vip": (Price(Decimal(10), day(0).date()),)},
)
RETAIL = PriceList(price_list_id("retail"), 1, "retail", "Retail", "EUR", day(0).date())
CATALOGUE = finds(PIPE, RETAIL)
SERVED = given(*LEAD)


def offer(*lines: dict[str, Any], **fields: Any) -> DraftProposal:
    """A draft of these lines."""
    body = {"lines": lines, "currency": "EUR", "valid_until": NOW.date()} | fields
    return DraftProposal.model_validate(body)


def line(**fields: Any) -> ProposalLine:
    """A line of pipes as it is offered."""
    known = {"article": "PIPE-40", "text": "Pipe, 40 mm", "unit": "t", "list_price": "12.5", "price_list": "retail"}
    return ProposalLine.model_validate(known | fields)


def made(command: DraftProposal, **context: Any) -> ProposalDrafted:
    """The draft."""
    (event,) = SERVED.when(command, **({"known": CATALOGUE} | context)).events()
    assert isinstance(event, ProposalDrafted)
    return event


PIPES = {"article": "pipe-40", "quantity": "4"}
DEAR = {"article": "PIPE-40", "quantity": "999999999", "price": "900"}
DRAFTED = made(offer(PIPES)).model_copy(update={"proposal_id": PROPOSAL})
WITH_PIPES = given(*LEAD, at(day(6), DRAFTED))
REVISED = ReviseProposal(proposal_id=PROPOSAL, lines=(WantedLine(article="PIPE-40"),))
OVERPRICED = Article(
    PIPE.id, 1, "PIPE-40", "PIPE", "Pipe", "t", prices={"retail": (Price(Decimal(10**11), day(0).date()),)}
)

REFUSALS = [
    row
    for stream, command, code in ((SERVED, offer(PIPES), "pipe-40"), (WITH_PIPES, REVISED, "PIPE-40"))
    for row in (
        refusal("unknown_article", stream, command, {"article": code}, known=nothing_known),
        refusal("article_retired", stream, command, known=finds(replace(PIPE, retired=True), RETAIL)),
        refusal("no_price", stream, command, {"currency": "EUR"}, known=finds(replace(PIPE, prices={}), RETAIL)),
        refusal(
            "no_price",
            stream,
            command.model_copy(update={"lines": (WantedLine(article="PIPE-40", price=Decimal(9)),)}),
            {"article": "PIPE-40"},
            known=finds(replace(PIPE, prices={}), RETAIL),
        ),
        refusal(
            "no_price",
            stream,
            command.model_copy(update={"price_list": "nowhere"}),
            {"price_list": "nowhere"},
            known=CATALOGUE,
        ),
        refusal(
            "price_list_not_for_client",
            stream,
            command.model_copy(update={"price_list": "vip"}),
            {"price_list": "vip", "needed": "VIP", "category": None},
            known=finds(PIPE, replace(RETAIL, code="vip", category=Category.VIP)),
        ),
        refusal(
            "amount_too_large",
            stream,
            command.model_copy(update={"lines": (WantedLine(article="PIPE-40", quantity=Decimal(11)),)}),
            {"amount": Decimal(11 * 10**11)},
            known=finds(OVERPRICED, RETAIL),
        ),
    )
] + [
    refusal(
        "listed_in_another_currency",
        WITH_PIPES,
        ReviseProposal(proposal_id=PROPOSAL, currency="RUB"),
        {"currency": "EUR", "price_lists": ["retail"]},
    )
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_an_article_brings_its_label_unit_and_price() -> None:
    event = made(
        offer(PIPES, {"article": "PIPE-40", "text": "The best pipe", "unit": "m"}, {"text": "Delivery", "price": "5"})
    )
    assert event.lines == (
        line(quantity="4", price="12.5"),
        line(text="The best pipe", unit="m", price="12.5"),
        ProposalLine(text="Delivery", price=Decimal(5)),
    )
    assert (event.subtotal, event.list_total, event.total) == (Decimal("67.5"),) * 3


@pytest.mark.parametrize(
    ("fields", "subtotal", "list_total"),
    [
        ({"price": "11"}, "44.00", "50.00"),
        ({"discount": "20"}, "40.00", "50.00"),
        ({"price": "11", "discount": "10"}, "39.60", "50.00"),
        ({"price": "15"}, "60.00", "60.00"),
        ({"price": "15", "discount": "10"}, "54.00", "60.00"),
    ],
    ids=["below the list", "a discount", "both", "above the list", "above it with a discount"],
)
def test_what_is_offered_below_the_list_is_given_away(fields: dict[str, str], subtotal: str, list_total: str) -> None:
    """A price above the list makes the discount on it no smaller than the client is told."""
    event = made(offer(PIPES | fields))
    assert event.lines == (line(quantity="4", **({"price": "12.5"} | fields)),)
    assert (event.subtotal, event.list_total) == (Decimal(subtotal), Decimal(list_total))


def test_all_that_is_given_away_counts_together() -> None:
    """Two of 12.50 for 11 each, delivery of 10 for 5, and 10 % of the sum: 35 at list prices for 24.30."""
    free = {"text": "Delivery", "price": "10", "discount": "50"}
    draft = offer({"article": "PIPE-40", "quantity": "2", "price": "11"}, free, discount="10")
    proposal = SERVED.when(draft, known=CATALOGUE).after().proposals.by_id[new(1)]
    assert (proposal.list_total, proposal.total, proposal.given) == (35, Decimal("24.30"), Decimal("10.70"))


def test_the_list_for_the_category_goes_first_and_a_named_one_before_it() -> None:
    vip = PriceList(price_list_id("vip"), 1, "vip", "VIP", "EUR", day(0).date(), category=Category.VIP)

    def known(kind: type[Any], key: Any, /) -> Any:
        return PIPE if kind is Article else {RETAIL.id: RETAIL, vip.id: vip}.get(key)

    client = SERVED.state._replace(card=replace(SERVED.state.card, category=Category.VIP))
    for draft, price in ((offer(PIPES), "10"), (offer(PIPES, price_list="retail"), "12.5")):
        (event,) = replace(SERVED, state=client).when(draft, known=known).events()
        assert isinstance(event, ProposalDrafted)
        assert event.lines
        assert event.lines[0].price == Decimal(price)


def test_a_revision_prices_what_is_sent_and_leaves_the_rest() -> None:
    dearer = finds(replace(PIPE, prices={"retail": (Price(Decimal(20), day(0).date()),)}), RETAIL)
    discounted = ReviseProposal(proposal_id=PROPOSAL, discount=Decimal(10))
    (kept,) = WITH_PIPES.when(discounted, known=dearer).events()
    (priced,) = WITH_PIPES.when(REVISED, known=dearer).events()
    assert isinstance(kept, ProposalRevised)
    assert isinstance(priced, ProposalRevised)
    assert (kept.lines, kept.total, kept.list_total) == (DRAFTED.lines, 45, 50)
    assert priced.lines == (line(price="20", list_price="20"),)


def test_the_articles_named_are_reached_once_each() -> None:
    draft = offer(PIPES, PIPES, {"article": "PIPE-40"}, {"text": "Delivery", "price": "1"})
    assert list(draft.reach(SERVED.state)) == [Reach(Article, article_id("PIPE-40"))]
    assert list(ReviseProposal(proposal_id=PROPOSAL, discount=Decimal(1)).reach(WITH_PIPES.state)) == []


def test_what_cannot_be_priced() -> None:
    for fields in ({"lines": [{"text": "x"}]}, {"lines": [DEAR, DEAR]}):
        with pytest.raises(ValidationError):
            offer(**fields)
    with pytest.raises(ValidationError, match="send the lines"):
        ReviseProposal(proposal_id=PROPOSAL, price_list="retail")
