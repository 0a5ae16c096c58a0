"""The lines of a proposal: those of the catalogue are priced from a list, as orders are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from domain.catalogue.articles import Article
from domain.catalogue.codes import article_id
from domain.catalogue.pricing import Pricing
from domain.client.proposal_events import LineOffered, ProposalLine
from domain.kernel import Reach, Refused
from domain.regulation.state import RuleContext
from domain.types import AMOUNT_LIMIT, AMOUNT_UNIT, Amount

MOST_LINES = 200


class WantedLine(LineOffered):
    """A line to be offered: an article of the catalogue, or with a price of its own something described in words."""

    price: Annotated[
        Amount | None,
        Field(description="Per unit. From the price list, when absent; below the list it is a discount against it"),
    ] = None

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.price is None and self.article is None:
            raise ValueError("send a price, or an article that is on a price list")
        return self


def _affordable(lines: tuple[WantedLine, ...]) -> tuple[WantedLine, ...]:
    if sum((line.quantity * line.price for line in lines if line.price), Decimal()) > AMOUNT_LIMIT - AMOUNT_UNIT:
        raise ValueError(f"the sum of the lines must be less than {AMOUNT_LIMIT:,}")
    return lines


WantedLines = Annotated[tuple[WantedLine, ...], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_affordable)]


def reached(lines: Iterable[WantedLine]) -> Collection[Reach]:
    """The articles that the lines name, each once."""
    keys = {article_id(line.article) for line in lines if line.article}
    return [Reach(Article, key) for key in keys]


@dataclass(frozen=True, slots=True)
class Offering:
    """Prices lines."""

    pricing: Pricing
    context: RuleContext

    def lines(self, wanted: Iterable[WantedLine]) -> tuple[ProposalLine, ...]:
        """The lines with their prices.

        Raises:
            Refused: one of `PRICING_REFUSALS`, `amount_too_large`.
        """
        lines = tuple(self._priced(line) for line in wanted)
        worth = sum((line.worth for line in lines), Decimal())
        if worth > AMOUNT_LIMIT - AMOUNT_UNIT:
            raise Refused("amount_too_large", amount=worth, limit=AMOUNT_LIMIT)
        return lines

    def _priced(self, line: WantedLine) -> ProposalLine:
        if line.article is None:
            assert line.price is not None, "a line of no article has a price of its own"
            return ProposalLine(**line.model_dump(exclude={"price"}), price=line.price)
        article, offer = self.pricing.of(line.article, self.context)
        return ProposalLine(
            article=article.code,
            text=line.text or article.described,
            unit=line.unit or article.unit,
            quantity=line.quantity,
            price=offer.price if line.price is None else line.price,
            discount=line.discount,
            list_price=offer.price,
            price_list=offer.price_list,
        )
