"""The lines of an order as they are placed: priced from a list, and reserved in a warehouse where they are in stock."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.catalogue.codes import stock_id, warehouse_id
from domain.catalogue.pricing import Pricing
from domain.client.order_events import OrderPlaced, PlacedLine, PromisedPart
from domain.client.order_lines import OrderLine
from domain.kernel import Consequence, Refused
from domain.regulation.state import RuleContext
from domain.stock.events import PromisedSlice
from domain.stock.orders import ReserveStock, not_enough
from domain.stock.promises import promise
from domain.stock.shelf import UNDATED, LineOfOrder, Shelf
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse, open_warehouse


@dataclass(slots=True)
class Reserving:
    """Takes the lines of an order one after the other from what the orders and the lines before have left.

    With `back_order`, what no expected arrival covers is ordered without a day; else it is refused.
    """

    order_id: UUID
    pricing: Pricing
    back_order: bool
    context: RuleContext
    stocks: dict[str, Stock] = field(default_factory=dict[str, Stock])

    def placed(self, lines: Sequence[OrderLine]) -> Iterator[PlacedLine]:
        """The lines as facts; lines count from 1."""
        for number, line in enumerate(lines, 1):
            if line.article is None:
                assert line.text is not None
                assert line.price is not None
                yield PlacedLine(article=line.text, quantity=line.quantity, price=line.price, cost=line.cost)
            else:
                yield self._of_catalogue(number, line, line.article)

    def _of_catalogue(self, number: int, line: OrderLine, code: str) -> PlacedLine:
        article, offer = self.pricing.of(code, self.context)
        placed = PlacedLine(
            article=article.code,
            quantity=line.quantity,
            price=offer.price if line.price is None else line.price,
            cost=line.cost,
            price_list=offer.price_list,
            list_price=offer.price,
        )
        if article.stocked:
            return self._reserved(number, placed, line.warehouse)
        if line.warehouse:
            raise Refused("article_not_stocked", article=article.code)
        return placed

    def _reserved(self, number: int, line: PlacedLine, named: str | None) -> PlacedLine:
        key = stock_id(line.article)
        stock = self.stocks.get(line.article) or self.context.known(Stock, key) or Stock.empty(key)
        warehouse = open_warehouse(named, self.context).code if named else self._chosen(stock, line)
        before, who = stock.shelf(warehouse).served(self.context.today), LineOfOrder(self.order_id, number)
        after = before.ordered(who, line.quantity, self.context.today)
        parts = after.promised_to(who)
        if parts[-1].day == UNDATED and not self.back_order:
            raise not_enough(line.article, warehouse, line.quantity, before, self.context)
        self.stocks[line.article] = stock.with_shelf(warehouse, after)
        promised = tuple(PromisedPart(**promise(part)) for part in parts)
        return line.model_copy(update={"warehouse": warehouse, "promised": promised})

    def _chosen(self, stock: Stock, line: PlacedLine) -> str:
        """The warehouse that has the whole line first; else the one that ever had the article, if it is the only one.

        Of several that have it on the same day, the one whose code comes first in the alphabet. What may not wait is
        refused by what the one that can promise most has.
        """
        shelves = {code: shelf for code, shelf in stock.shelves.items() if self._is_open(code)}
        days = {code: shelf.day_for(line.quantity, self.context.today) for code, shelf in shelves.items()}
        dated = [(day, code) for code, day in days.items() if day is not None]
        if dated:
            return min(dated)[1]
        if len(shelves) == 1:
            return next(iter(shelves))
        free = _free(shelves, self.context.today)
        if self.back_order:
            raise Refused(
                "warehouse_needed", article=line.article, free={code: str(most) for code, most in free.items()}
            )
        fullest = max(free, key=lambda code: free[code], default=None)
        shelf = Shelf() if fullest is None else shelves[fullest]
        raise not_enough(line.article, fullest, line.quantity, shelf, self.context)

    def _is_open(self, code: str) -> bool:
        warehouse = self.context.known(Warehouse, warehouse_id(code))
        return warehouse is not None and not warehouse.closed


def _free(shelves: Mapping[str, Shelf], today: date) -> dict[str, Decimal]:
    """What can be promised of each, for whatever day."""
    return {code: shelf.free(today)[-1].quantity for code, shelf in sorted(shelves.items())}


class Stocked(Protocol):
    """A line of an order: its article, and the warehouse that this is from."""

    @property
    def article(self) -> str: ...
    @property
    def warehouse(self) -> str | None: ...


def slices_by_article(
    lines: Iterable[tuple[int, Stocked, Iterable[PromisedPart]]],
) -> Mapping[str, tuple[PromisedSlice, ...]]:
    """What is promised of the lines with these numbers, by article; what is from no warehouse is left out."""
    slices: dict[str, tuple[PromisedSlice, ...]] = {}
    for number, line, promised in lines:
        if line.warehouse is not None:
            parts = (PromisedSlice(line=number, warehouse=line.warehouse, **part.model_dump()) for part in promised)
            slices[line.article] = (*slices.get(line.article, ()), *parts)
    return slices


def reservations(event: OrderPlaced, client_id: UUID) -> Iterator[Consequence]:
    """What an order reserves of the stock of each article."""
    promised = ((number, line, line.promised) for number, line in enumerate(event.lines, 1))
    for article, slices in slices_by_article(promised).items():
        reserve = ReserveStock(article=article, order_id=event.order_id, client_id=client_id, slices=slices)
        yield Consequence(Stock, stock_id(article), reserve)
