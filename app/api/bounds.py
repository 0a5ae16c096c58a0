"""The bounds `from` and `to` of a period, as a caller writes them: dates, or instants with an offset."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.problems import invalid
from domain.types import EARLIEST, LATEST
from projections.period import Period

DATE_LENGTH = len("2026-01-01")
DAY = timedelta(days=1)
INCLUSIVE = "Inclusive: a date (UTC) or an instant with offset"
_LOST_PLUS = re.compile(r"(:\d\d(?:[.,]\d+)?) (\d\d(?::?\d\d)?)$", re.ASCII)
END = "A date (UTC), inclusive: the whole day belongs to it; or an instant with offset, exclusive"


def with_its_plus(sent: Any) -> Any:
    """An instant in an address with the plus of its offset, which is read as a space unless it is sent as %2B."""
    return _LOST_PLUS.sub(r"\1+\2", sent) if isinstance(sent, str) else sent


def _begin(sent: Any) -> datetime:
    return _instant(sent, timedelta())


def _end(sent: Any) -> datetime:
    return _instant(sent, DAY)


def _instant(sent: Any, after_midnight: timedelta) -> datetime:
    """The instant that was sent, in UTC; of a date its midnight and so much after it."""
    moment, day = _moment(sent)
    if not EARLIEST <= moment <= LATEST:
        years = {"first": EARLIEST.year, "last": LATEST.year}
        raise PydanticCustomError("out_of_range", "Send a date or an instant from {first} to {last}.", years)
    return moment + after_midnight if day else moment


def _moment(sent: Any) -> tuple[datetime, bool]:
    """The instant that was sent, in UTC, and whether it was sent as a date."""
    try:
        if len(sent) == DATE_LENGTH:
            return datetime.combine(date.fromisoformat(sent), time.min, UTC), True
        moment = datetime.fromisoformat(with_its_plus(sent))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC), False
    except (TypeError, ValueError, OverflowError):
        pass
    raise PydanticCustomError("date_or_instant", "Send a date, or an instant with its offset.")


_SCHEMA = WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}], "title": "Bound"}
)
Begin = Annotated[datetime, BeforeValidator(_begin), _SCHEMA]
"""The begin of a period, inclusive: of a date its midnight in UTC."""
End = Annotated[datetime, BeforeValidator(_end), _SCHEMA]
"""The end of a period, exclusive: of a date the midnight after it in UTC, so that the day belongs to the period."""


def period_between(begin: datetime | None, end: datetime | None, end_name: str = "to") -> Period:
    """The period between two bounds, open on a side that is not given.

    Raises:
        Problem: `invalid_request` for one that has no moment in it, as every answer to it would be empty.
    """
    if begin and end and begin >= end:
        raise invalid(end_name, "Send an end after the beginning.", "before_from")
    return Period(begin, end)
