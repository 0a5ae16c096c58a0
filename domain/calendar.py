"""Working days. Public holidays are not known here yet: every Monday to Friday is a working day."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def after_working_days(start: datetime, days: int, time_zone: str) -> datetime:
    """The same time of day, `days` working days after `start`, counted in the firm's time zone.

    What starts on a day off counts from the beginning of the next working day, so that a later start never has an
    earlier end. `start` lies between `domain.types.EARLIEST` and `LATEST`.
    """
    moment = start.astimezone(ZoneInfo(time_zone))
    if moment.weekday() >= SATURDAY:
        moment = datetime.combine(_next_working_day(moment), time(), moment.tzinfo)
    for _ in range(days):
        moment = _next_working_day(moment)
    return moment.astimezone(start.tzinfo)


def _next_working_day(moment: datetime) -> datetime:
    moment += timedelta(days=1)
    while moment.weekday() >= SATURDAY:
        moment += timedelta(days=1)
    return moment
