"""What a fit says of a client: is it still one, and what will it buy in the days to come."""

from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from domain.prediction.models import DAYS_IN_WEEK, History, PurchaseModel, SpendModel

CENT = Decimal("0.01")
PLACES = 4


class Predicted(NamedTuple):
    """`alive` is a probability, `purchases` an expected number of days with a purchase; both to 4 places.

    Amounts are in the currency of the fit, rounded half up to cents. `margin` is None where no cost is known.
    """

    alive: float
    purchases: float
    average_purchase: Decimal
    revenue: Decimal
    margin: Decimal | None


def predicted(
    purchases: PurchaseModel, spend: SpendModel, client: History, days: int, margin_share: Decimal | None
) -> Predicted:
    """The answer for a client. `margin_share` is the share of margin in its revenue, as far as its costs are known."""
    number, amount = purchases.expected(client, days / DAYS_IN_WEEK), spend.expected(client)
    revenue = Decimal(number * amount)
    return Predicted(
        round(purchases.alive(client), PLACES),
        round(number, PLACES),
        rounded(Decimal(amount)),
        rounded(revenue),
        None if margin_share is None else rounded(revenue * margin_share),
    )


def rounded(amount: Decimal) -> Decimal:
    """The amount rounded half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)
