"""What happens to an order: placed, confirmed, shipped in parts, delivered, cancelled, returned."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.kernel import Event, Personal


class PromisedPart(BaseModel):
    """So much of a line is promised: from what lies in the warehouse, or for the day on which it is to come in.

    What nothing is expected of is `undated`: ordered, for no day that is known yet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    quantity: Decimal
    promised_on: date | None = None
    undated: bool = False


class PricedLine(BaseModel):
    """What of an article is wanted, and for how much: all prices and the cost are per unit, in the order's currency.

    Articles of the catalogue have the price on the list; what is in none has no `list_price`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    article: str
    quantity: Decimal
    price: Decimal
    cost: Decimal | None = None
    list_price: Decimal | None = None


class PlacedLine(PricedLine):
    """One article of an order. Lines count from 1.

    Articles of the catalogue have the `price_list` they are priced from; those that are kept in stock, the warehouse
    and what is promised from it.
    """

    warehouse: str | None = None
    price_list: str | None = None
    promised: tuple[PromisedPart, ...] = ()

    @property
    def priced(self) -> PricedLine:
        """The line without where it comes from."""
        return PricedLine(**{name: getattr(self, name) for name in PricedLine.model_fields})


class LinePart(BaseModel):
    """So much of a line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    quantity: Decimal


class OrderPlaced(Event, topic="orders.placed", begins="order_id"):
    """The client ordered. `amount` and `cost` are of the whole order; cost is None where it is not known.

    `discount` is what its articles are below their list prices. The limit of discounts and the minimum margin are those
    in force for whoever placed it, None where no rule was set; `approvals` are those by which it may be beyond them.
    """

    schema_version = 3

    order_id: UUID
    number: str | None = None
    lines: tuple[PlacedLine, ...] = ()
    amount: Decimal
    cost: Decimal | None = None
    currency: str
    deal_id: UUID | None = None
    discount: Decimal = Decimal()
    discount_limit_percent: Decimal | None = None
    needed_margin_percent: Decimal | None = None
    approvals: tuple[UUID, ...] = ()

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """Lines of the first version were of articles that no warehouse knew; those of the second had no list price."""
        return data


class OrderConfirmed(Event, topic="orders.confirmed"):
    """The order can be fulfilled as it was placed."""

    order_id: UUID


class OrderReduced(Event, topic="orders.reduced"):
    """Parts of the order that were not shipped yet are not wanted any more; it is worth so much less.

    What stands may be beyond the rules by the `approvals`.
    """

    schema_version = 2

    order_id: UUID
    lines: tuple[LinePart, ...]
    amount: Decimal
    cost: Decimal | None = None
    currency: str
    approvals: tuple[UUID, ...] = ()
    reason: Personal[str] = None

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """When those of the first version were reduced, nobody judged what was left."""
        return data


class OrderCancelled(Event, topic="orders.cancelled"):
    """The order is void; it counts in no sum any more."""

    order_id: UUID
    reason: Personal[str] = None


class ToldLine(BaseModel):
    """What the client was told of a line: for which days all that is open of it is promised now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    promised: tuple[PromisedPart, ...]


class DelayTold(Event, topic="orders.delay_told"):
    """The client was told when it gets what it still awaits; these days are the promise from now on."""

    order_id: UUID
    lines: tuple[ToldLine, ...]


class OrderShipped(Event, topic="orders.shipped", begins="shipment_id"):
    """Parts of the order went out, worth this amount."""

    shipment_id: UUID
    order_id: UUID
    lines: tuple[LinePart, ...]
    amount: Decimal
    currency: str
    document: str | None = None


class ShipmentDelivered(Event, topic="shipments.delivered"):
    """The client has got the shipment."""

    shipment_id: UUID
    order_id: UUID


class GoodsReturned(Event, topic="returns.received", begins="return_id"):
    """Shipped goods came back; the client bought so much less. Those that were `restocked` can be sold again."""

    return_id: UUID
    order_id: UUID
    lines: tuple[LinePart, ...]
    amount: Decimal
    cost: Decimal | None = None
    currency: str
    restocked: bool = True
    reason: Personal[str] = None
