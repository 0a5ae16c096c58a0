"""What the made-up firm plans and records beside its clients: growth of the books, rates, who has read the policy."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from app.demo.entry import Entry
from app.demo.firm import LEADS, SERVICE, departments
from app.demo.goods import ROUBLES
from app.execute import POLICY, REGULATION
from domain.policy import POLICY_ID, MarkPolicyRead
from domain.regulation.exchange_rates import SetExchangeRate
from domain.regulation.expansion import SetExpansionPlan
from domain.regulation.state import REGULATION_ID

_GROWTH_IN_ROUBLES = 400_000
_PLANNED_MONTHS = 3
_ARTICLES = 5


def plans(begin: datetime, span: timedelta) -> Iterator[Entry]:
    """All of it, in order."""
    for seller in departments()[LEADS].sellers[:-1]:
        yield Entry(POLICY, POLICY_ID, MarkPolicyRead(policy_version=1), timedelta(days=1), seller)
    for nth in range(span.days // 30):
        day = (begin + timedelta(days=30 * nth)).date()
        rate = SetExchangeRate(currency="GBP", to="RUB", day=day, rate=Decimal(ROUBLES["GBP"]) + Decimal(nth % 7) / 4)
        yield Entry(REGULATION, REGULATION_ID, rate, timedelta(days=30 * nth))
    for month in _last_months((begin + span).date()):
        yield from _growth(month, span)


def _last_months(day: date) -> list[date]:
    """The first days of the last months until this day, the latest first."""
    months = [day.replace(day=1)]
    while len(months) < _PLANNED_MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _growth(month: date, span: timedelta) -> Iterator[Entry]:
    for manager in departments()[SERVICE].sellers:
        for currency, roubles in ROUBLES.items():
            plan = SetExpansionPlan(
                employee_id=manager.employee_id,
                month=month,
                currency=currency,
                revenue_growth=Decimal(_GROWTH_IN_ROUBLES) / roubles,
                additional_articles=_ARTICLES,
            )
            yield Entry(REGULATION, REGULATION_ID, plan, span)
