"""What is sent of an order: its lines, or the amount of the whole."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.catalogue.codes import Code
from domain.client.order_events import OrderPlaced, PlacedLine
from domain.client.order_state import ZERO, as_money
from domain.types import AMOUNT_LIMIT, AMOUNT_UNIT, Amount, Currency, EmptyIsNone, OptionalWord, Quantity, Word


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: Quantity
    cost: Amount | None = None


class FreeLine(_Line):
    """One article that no catalogue has to know; price and cost are per unit, in the order's currency."""

    article: Word
    price: Amount

    def placed(self) -> PlacedLine:
        """The line as a fact."""
        return PlacedLine(article=self.article, quantity=self.quantity, price=self.price, cost=self.cost)


class OrderLine(_Line):
    """One article of the catalogue, or, as `text`, what is in none; price and cost per unit, in the order's currency.

    What is kept in stock is reserved: in the warehouse that is named, else in the one that has the whole line first.
    """

    article: Annotated[OptionalWord, Field(description="The code of an article of the catalogue")] = None
    text: Annotated[OptionalWord, Field(description="What is in no catalogue, such as a service; it needs a price")] = (
        None
    )
    price: Annotated[Amount | None, Field(description="From the price list, when absent; below it, a discount")] = None
    warehouse: Annotated[
        Code | None, EmptyIsNone, Field(description="The code of the warehouse it is from; chosen, when absent")
    ] = None

    @model_validator(mode="after")
    def _of_the_catalogue_or_free(self) -> Self:
        if (self.article is None) == (self.text is None):
            raise ValueError("send the article of the catalogue, or as text what is in none")
        if self.text is not None and (self.price is None or self.warehouse is not None):
            raise ValueError("what is in no catalogue needs a price, and lies in no warehouse")
        return self


class OrderHead(BaseModel):
    """What was ordered, beside its lines: the amount of the whole, where there are none."""

    number: OptionalWord = None
    amount: Annotated[Amount | None, Field(description="The whole order; the sum of the lines, when absent")] = None
    cost: Annotated[Amount | None, Field(description="The whole order; the sum of the lines, when absent")] = None
    currency: Currency

    def placed(self, order_id: UUID, lines: tuple[PlacedLine, ...], deal_id: UUID | None = None) -> OrderPlaced:
        """The fact that this was ordered."""
        return OrderPlaced(
            order_id=order_id,
            number=self.number,
            lines=lines,
            amount=as_money(_prices(lines)) if self.amount is None else self.amount,
            cost=as_money(_costs(lines)) if self.cost is None else self.cost,
            currency=self.currency,
            deal_id=deal_id,
        )


class OrderBody(OrderHead):
    """What was ordered of articles that no catalogue has to know: lines, or the amount of the whole."""

    lines: Annotated[tuple[FreeLine, ...], Field(max_length=1000)] = ()

    @model_validator(mode="after")
    def _lines_or_amount(self) -> Self:
        check_lines(self.lines, self.amount)
        return self

    @property
    def placed_lines(self) -> tuple[PlacedLine, ...]:
        """The lines as facts."""
        return tuple(line.placed() for line in self.lines)


def check_lines(lines: Sequence[FreeLine | OrderLine], amount: Decimal | None) -> None:
    """Raises ValueError unless there are either lines or an amount, within what amounts may be."""
    if not lines and amount is None:
        raise ValueError("send lines or amount")
    if lines and amount is not None:
        raise ValueError("send lines or amount, not both")
    if max(_prices(lines), _costs(lines) or 0) > AMOUNT_LIMIT - AMOUNT_UNIT:
        raise ValueError(f"the sum of the lines must be less than {AMOUNT_LIMIT:,}")


def _prices(lines: Sequence[FreeLine | OrderLine | PlacedLine]) -> Decimal:
    """The sum of the lines, as far as their prices are sent."""
    return sum((line.quantity * line.price for line in lines if line.price is not None), ZERO)


def _costs(lines: Sequence[FreeLine | OrderLine | PlacedLine]) -> Decimal | None:
    """None where the cost of any line is not known."""
    costs = [line.quantity * line.cost for line in lines if line.cost is not None]
    return sum(costs, ZERO) if costs and len(costs) == len(lines) else None
