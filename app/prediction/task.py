"""What the process that fits the models is given, and what it gives back."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.prediction.models import PurchaseModel, SpendModel


class Task(NamedTuple):
    """What to fit: all purchases in a currency until a moment. `fit_id` marks what the fit says of the clients."""

    database_url: str
    fit_id: UUID
    currency: str
    until: datetime


class Fitted(NamedTuple):
    """The models and how well BG/NBD describes the data. `correlation`: of number and mean amount of repeats."""

    purchases: PurchaseModel
    log_likelihood: float
    spend: SpendModel
    correlation: float


class Result(NamedTuple):
    """How many clients had bought, how many of them again, and the fit, where these are enough for one."""

    clients: int
    repeating: int
    fitted: Fitted | None


def carry_out(task: Task) -> Result:
    """Do it. Call it in another process than the service's: the libraries it needs take many megabytes."""
    from app.prediction.apart import fit_and_score  # noqa: PLC0415 - see above

    return fit_and_score(task)
