"""Expected value: average purchase times purchases per year times retained years, each with its source."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from domain.client.dormancy import Source
from domain.types import PURCHASES_PER_YEAR, PurchaseInterval
from projections.money import Money, Number
from projections.value_state import ClientValue, ValueCard
from projections.value_tables import ANY_CURRENCY
from projections.value_totals import ENOUGH_SECONDS, ZERO, Rhythm, per_year, rhythms

SEGMENT_CLIENTS = 5
"""A segment speaks for a client from five clients on: with fewer, one large client would be the average."""
CENT, TEN_THOUSANDTH = Decimal("0.01"), Decimal("0.0001")


class Segment(NamedTuple):
    """The clients of an industry: with purchases in one currency, and with a planned retention."""

    clients: int = 0
    purchases: int = 0
    intervals: int = 0
    span_seconds: int = 0
    revenue: Decimal = ZERO
    planned_clients: int = 0
    planned_years: Decimal = ZERO

    @property
    def average_purchase(self) -> Decimal | None:
        """Revenue per purchase; None where too few clients bought."""
        return self.revenue / self.purchases if self.clients >= SEGMENT_CLIENTS else None

    @property
    def purchases_per_year(self) -> Decimal | None:
        """Intervals between purchases per year of the clients that bought again; None where there are too few."""
        enough = self.clients >= SEGMENT_CLIENTS and self.span_seconds >= ENOUGH_SECONDS
        return per_year(self.intervals, self.span_seconds) if enough else None

    @property
    def retained_years(self) -> Decimal | None:
        """The mean planned retention; None where too few clients have one."""
        return self.planned_years / self.planned_clients if self.planned_clients >= SEGMENT_CLIENTS else None

    @property
    def per_year(self) -> Decimal | None:
        """What a client of the segment brings in a year; None where too little is known."""
        average, rhythm = self.average_purchase, self.purchases_per_year
        return average * rhythm if average is not None and rhythm is not None else None


class ExpectedInput(BaseModel):
    """One of the three inputs, and where it came from; both are null where it is not known."""

    value: Number | None = None
    source: Source | None = None


EXAMPLE: dict[str, JsonValue] = {
    "currency": "EUR",
    "average_purchase": {"value": "10000.00", "source": "own"},
    "purchases_per_year": {"value": "4.0000", "source": "own"},
    "retained_years": {"value": "3.0000", "source": "card"},
    "per_year": "40000.00",
    "value": "120000.00",
    "missing": [],
}


class ExpectedValue(BaseModel):
    """What the client is expected to bring, in one currency. Null while an input is missing; `missing` names them.

    The product is of the exact inputs; what is shown is rounded: money to cents, the others to 4 places.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    currency: Annotated[str | None, Field(description="Null where no currency is known yet")]
    average_purchase: ExpectedInput
    purchases_per_year: ExpectedInput
    retained_years: ExpectedInput
    per_year: Annotated[Money | None, Field(description="Average purchase times purchases per year")]
    value: Annotated[Money | None, Field(description="That, times the retained years")]
    missing: list[str]


_Candidates = tuple[tuple[Source, Decimal | None], ...]


def expected_values(client: ClientValue, segments: Mapping[str, Segment]) -> list[ExpectedValue]:
    """The expected value in every currency the client buys in or is expected to, else in that of its card.

    Where neither names a currency, in those of its segment.

    `segments` are the figures of the client's industry by currency, under `ANY_CURRENCY` those that hold for every
    other; empty where the industry is not known.
    """
    own = rhythms(client.purchases)
    card = client.card
    any_segment = segments.get(ANY_CURRENCY, Segment())
    currencies = set(own)
    if card.currency and (card.expected_purchase is not None or not own):
        currencies.add(card.currency)
    currencies = currencies or {key for key, segment in segments.items() if segment.average_purchase is not None}
    if not currencies:
        return [_expected(None, None, any_segment, card)]
    return [
        _expected(currency, own.get(currency), segments.get(currency, any_segment), card)
        for currency in sorted(currencies)
    ]


def _expected(currency: str | None, rhythm: Rhythm | None, segment: Segment, card: ValueCard) -> ExpectedValue:
    enough = rhythm if rhythm and rhythm.is_enough else None
    interval = card.purchase_interval
    inputs: dict[str, _Candidates] = {
        "average_purchase": (
            (Source.OWN, enough.revenue / enough.purchases if enough else None),
            (Source.SEGMENT, segment.average_purchase),
            (Source.CARD, card.expected_purchase if currency and card.currency == currency else None),
        ),
        "purchases_per_year": (
            (Source.OWN, per_year(enough.purchases - 1, enough.span_seconds) if enough else None),
            (Source.SEGMENT, segment.purchases_per_year),
            (Source.CARD, Decimal(PURCHASES_PER_YEAR[PurchaseInterval(interval)]) if interval else None),
        ),
        "retained_years": ((Source.CARD, card.retention_years), (Source.SEGMENT, segment.retained_years)),
    }
    chosen = {name: _first_known(candidates) for name, candidates in inputs.items()}
    return _multiplied(currency, chosen)


def _first_known(candidates: _Candidates) -> tuple[Source | None, Decimal | None]:
    return next(((source, value) for source, value in candidates if value is not None), (None, None))


def _multiplied(currency: str | None, inputs: Mapping[str, tuple[Source | None, Decimal | None]]) -> ExpectedValue:
    average, rhythm, years = (value for _, value in inputs.values())
    per_year = average * rhythm if average is not None and rhythm is not None else None
    value = per_year * years if per_year is not None and years is not None else None
    places = {"average_purchase": CENT}
    shown = {
        name: ExpectedInput(value=rounded(number, places.get(name, TEN_THOUSANDTH)), source=source)
        for name, (source, number) in inputs.items()
    }
    missing = [name for name, (_, number) in inputs.items() if number is None]
    return ExpectedValue(currency=currency, **shown, per_year=rounded(per_year), value=rounded(value), missing=missing)


def rounded(number: Decimal | None, to: Decimal = CENT) -> Decimal | None:
    """The number rounded half up, cents by default."""
    return None if number is None else number.quantize(to, ROUND_HALF_UP)
