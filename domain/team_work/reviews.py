"""When a team is reviewed next."""

from calendar import monthrange
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from domain.regulation.state import RuleContext
from domain.types import Variant

_MONTHS = 12


def next_review_on(variant: Variant, context: RuleContext) -> date | None:
    """The day of the next review: so many months after the decision as the regulation says, or the next working day.

    None where the variant has no reviews.
    """
    rules = context.regulation
    months = rules.team_rules.review_every_months.get(variant)
    if months is None:
        return None
    due = months_later(context.occurred_at.astimezone(ZoneInfo(rules.time_zone)).date(), months)
    while context.calendar.hours(due) is None:
        due += timedelta(days=1)
    return due


def months_later(day: date, months: int) -> date:
    """The same day of a later month; the last one of the month where it has no such day."""
    year, month = divmod(day.month - 1 + months, _MONTHS)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
