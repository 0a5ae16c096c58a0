"""What happens to the stock of an article. One stream per article, for all warehouses; quantities are in its unit."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.kernel import Event, Personal


class Slice(BaseModel):
    """A part of an order's line: so much of it from a warehouse."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int
    warehouse: str
    quantity: Decimal
    promised_on: date | None = None


class PromisedSlice(Slice):
    """A part that is promised from what lies in the warehouse, for a day, or, `undated`, for none that is known yet."""

    undated: bool = False


class StockReceived(Event, topic="stock.received"):
    """Goods came in; those of an expected arrival name it."""

    article: str
    warehouse: str
    quantity: Decimal
    arrival_id: UUID | None = None
    document: str | None = None


class StockCorrected(Event, topic="stock.corrected"):
    """The goods were counted: so many lie there, instead of as many as were on record."""

    article: str
    warehouse: str
    counted: Decimal
    before: Decimal
    note: Personal[str] = None


class ArrivalExpected(Event, topic="stock.arrival_expected", begins="arrival_id"):
    """Goods are to come in on a day."""

    arrival_id: UUID
    article: str
    warehouse: str
    quantity: Decimal
    expected_on: date


class ArrivalChanged(Event, topic="stock.arrival_changed"):
    """Of an expected arrival so much is still to come, on this day."""

    arrival_id: UUID
    quantity: Decimal
    expected_on: date


class ArrivalCancelled(Event, topic="stock.arrival_cancelled"):
    """What was expected is not going to come."""

    arrival_id: UUID
    note: Personal[str] = None


class StockReserved(Event, topic="stock.reserved"):
    """Parts of the article are promised to an order."""

    schema_version = 2

    article: str
    order_id: UUID
    client_id: UUID
    slices: tuple[PromisedSlice, ...]

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """Every part of the first version was promised at once or for a day."""
        return data


class PromiseMoved(Event, topic="stock.promise_moved"):
    """All that is promised to an order is for these days now, as goods came, were counted or are expected otherwise."""

    article: str
    order_id: UUID
    slices: tuple[PromisedSlice, ...]


class DaysRenewed(Event, topic="stock.days_renewed"):
    """The client was told for which days all that is open of lines of its order is promised; it moves nothing."""

    article: str
    order_id: UUID
    slices: tuple[PromisedSlice, ...]


class StockReleased(Event, topic="stock.released"):
    """Parts of what was promised to an order are free again, those promised for the latest day first."""

    article: str
    order_id: UUID
    slices: tuple[Slice, ...]


class StockIssued(Event, topic="stock.issued"):
    """What was promised to an order went out with a shipment, what was promised for the earliest day first."""

    article: str
    order_id: UUID
    shipment_id: UUID
    slices: tuple[Slice, ...]


class StockReturned(Event, topic="stock.returned"):
    """Goods of an order came back and can be sold again."""

    article: str
    order_id: UUID
    return_id: UUID
    slices: tuple[Slice, ...]
