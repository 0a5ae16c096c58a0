"""Placing orders: of free articles, or of articles of the catalogue, which are priced from a list and reserved."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.catalogue.articles import Article, sold_article
from domain.catalogue.codes import Code, article_id, stock_id
from domain.catalogue.pricing import Pricing
from domain.client.order_events import OrderPlaced, PlacedLine, PromisedPart
from domain.client.orders import ZERO, as_money
from domain.kernel import Consequence, Event, JointCommand, Reach, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.stock.events import Slice
from domain.stock.orders import ReserveStock, not_enough
from domain.stock.shelf import NOW
from domain.stock.state import Stock
from domain.stock.warehouses import open_warehouse
from domain.types import AMOUNT_LIMIT, AMOUNT_UNIT, Amount, Currency, EmptyIsNone, OptionalWord, Quantity, Step, Word

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    article: Word
    quantity: Quantity
    cost: Amount | None = None


class FreeLine(_Line):
    """One article that no warehouse knows; price and cost are per unit, in the order's currency."""

    price: Amount

    def placed(self) -> PlacedLine:
        """The line as a fact."""
        return PlacedLine(article=self.article, quantity=self.quantity, price=self.price, cost=self.cost)


class OrderLine(_Line):
    """One article of an order; price and cost are per unit, in the order's currency.

    With a warehouse it is an article of the catalogue and is reserved there; without one any name will do.
    """

    price: Annotated[
        Amount | None, Field(description="From the price list, when absent; needed without a warehouse")
    ] = None
    warehouse: Annotated[Code | None, EmptyIsNone, Field(description="The code of the warehouse it is from")] = None

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if self.price is None and self.warehouse is None:
            raise ValueError("send a price, or the warehouse of an article that is on a price list")
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
    """What was ordered of articles that no warehouse knows: lines, or the amount of the whole."""

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


class PlaceOrder(OrderHead, JointCommand):
    """Place an order in account service: lines, or the amount of the whole.

    Lines with a warehouse are of the catalogue. Their price is that of the list, unless another one is sent: of
    `price_list` or, without it, of the newest list in the order's currency, one for the client's category going first.
    They are reserved; what is not there is reserved from expected arrivals, for their day, and the order says so.

    An order that fulfils a won deal names it in `deal_id`; its revenue is the deal's and is counted once. Together such
    orders are worth no more than the deal: what goes beyond is an order of its own.
    """

    lines: Annotated[tuple[OrderLine, ...], Field(max_length=1000)] = ()
    price_list: Annotated[Code | None, EmptyIsNone, Field(description="The code of the list to price by")] = None
    deal_id: UUID | None = None

    refusals: ClassVar = (
        "wrong_step",
        "unknown_deal",
        "deal_not_won",
        "wrong_currency",
        "order_exceeds_deal",
        "before_its_cause",
        "client_disqualified",
        "unknown_article",
        "article_retired",
        "unknown_warehouse",
        "warehouse_closed",
        "no_price",
        "not_enough_stock",
        "amount_too_large",
    )
    examples: ClassVar = (
        {"amount": "10000.00", "cost": "7000.00", "currency": "EUR"},
        {
            "number": "2030-17",
            "currency": "EUR",
            "lines": [{"article": "Pipe 40", "quantity": "10", "price": "25.50", "cost": "18"}],
        },
        {"currency": "EUR", "lines": [{"article": "BROOM-GREEN-T", "quantity": "10", "warehouse": "main"}]},
    )

    @model_validator(mode="after")
    def _lines_or_amount(self) -> Self:
        check_lines(self.lines, self.amount)
        return self

    def reach(self, state: Any) -> Collection[Reach]:
        codes = {line.article.casefold(): line.article for line in self.lines if line.warehouse}
        return [
            reach
            for code in codes.values()
            for reach in (Reach(Article, article_id(code)), Reach(Stock, stock_id(code)))
        ]

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.step is not Step.ACCOUNT_SERVICE:
            raise Refused("wrong_step", step=client.step, needed=Step.ACCOUNT_SERVICE)
        refuse_before(client.handoffs.step_since, context, step=client.step)
        order_id = context.new_id()
        pricing = Pricing(self.currency, client.card.category, self.price_list)
        lines = tuple(_Reserving(order_id, pricing, context).placed(self.lines))
        placed = self.placed(order_id, lines, self.deal_id)
        if placed.amount > AMOUNT_LIMIT - AMOUNT_UNIT:
            raise Refused("amount_too_large", amount=placed.amount, limit=AMOUNT_LIMIT)
        if self.deal_id:
            deal = won_deal(client, self.deal_id, self.currency, context)
            _refuse_beyond(deal, client.orders.ordered_of(deal.id), placed.amount)
        return [placed]

    def consequences(self, state: "Client", events: Sequence[Event]) -> Iterable[Consequence]:
        for event in events:
            if isinstance(event, OrderPlaced):
                yield from _reservations(event, state.id)


@dataclass(slots=True)
class _Reserving:
    """Takes the lines of an order one after the other from what the lines before have left."""

    order_id: UUID
    pricing: Pricing
    context: RuleContext
    stocks: dict[str, Stock] = field(default_factory=dict[str, Stock])

    def placed(self, lines: Sequence[OrderLine]) -> Iterator[PlacedLine]:
        for number, line in enumerate(lines, 1):
            if line.warehouse is None:
                assert line.price is not None
                yield FreeLine(**line.model_dump(include=set(FreeLine.model_fields))).placed()
            else:
                yield self._stocked(number, line, line.warehouse)

    def _stocked(self, number: int, line: OrderLine, warehouse_code: str) -> PlacedLine:
        article = sold_article(self.context.known(Article, article_id(line.article)), line.article)
        warehouse = open_warehouse(warehouse_code, self.context).code
        price, price_list = line.price, None
        if price is None:
            price, price_list = self.pricing.of(article, self.context)
        return PlacedLine(
            article=article.code,
            quantity=line.quantity,
            price=price,
            cost=line.cost,
            warehouse=warehouse,
            price_list=price_list,
            promised=self._promised(number, article.code, warehouse, line.quantity),
        )

    def _promised(self, number: int, article: str, warehouse: str, quantity: Decimal) -> tuple[PromisedPart, ...]:
        key = stock_id(article)
        stock = self.stocks.get(article) or self.context.known(Stock, key) or Stock.empty(key)
        shelf, today = stock.shelf(warehouse), self.context.today
        parts = shelf.split(quantity, today)
        if parts is None:
            raise not_enough(article, warehouse, quantity, shelf, self.context)
        promised = tuple(
            PromisedPart(quantity=part.quantity, promised_on=None if part.day == NOW else part.day) for part in parts
        )
        self.stocks[article] = stock.with_slices(self.order_id, _slices(number, warehouse, promised))
        return promised


def _slices(number: int, warehouse: str, promised: Iterable[PromisedPart]) -> list[Slice]:
    return [Slice(line=number, warehouse=warehouse, **part.model_dump()) for part in promised]


def _reservations(event: OrderPlaced, client_id: UUID) -> Iterator[Consequence]:
    slices: dict[str, list[Slice]] = {}
    for number, line in enumerate(event.lines, 1):
        if line.warehouse is not None:
            slices.setdefault(line.article, []).extend(_slices(number, line.warehouse, line.promised))
    for article, parts in slices.items():
        reserve = ReserveStock(article=article, order_id=event.order_id, client_id=client_id, slices=tuple(parts))
        yield Consequence(Stock, stock_id(article), reserve)


def _prices(lines: Sequence[FreeLine | OrderLine | PlacedLine]) -> Decimal:
    """The sum of the lines, as far as their prices are sent."""
    return sum((line.quantity * line.price for line in lines if line.price is not None), ZERO)


def _costs(lines: Sequence[FreeLine | OrderLine | PlacedLine]) -> Decimal | None:
    """None where the cost of any line is not known."""
    costs = [line.quantity * line.cost for line in lines if line.cost is not None]
    return sum(costs, ZERO) if costs and len(costs) == len(lines) else None


def won_deal(client: "Client", deal_id: UUID, currency: str, context: RuleContext) -> "Deal":
    """The won deal with this id, in this currency."""
    deal = client.deals.get_won(deal_id, context)
    if deal.currency != currency:
        raise Refused("wrong_currency", currency=currency, needed=deal.currency)
    return deal


def _refuse_beyond(deal: "Deal", ordered: Decimal, amount: Decimal) -> None:
    """Revenue is counted with the deal, so that whatever its orders had beyond it would be lost."""
    if ordered + amount > deal.amount:
        raise Refused("order_exceeds_deal", deal_id=deal.id, revenue=deal.amount, ordered=ordered, amount=amount)
