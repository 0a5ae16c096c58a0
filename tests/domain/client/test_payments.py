"""Payments."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.client.account_events import PaymentReceived
from domain.client.deal_events import DealOpened
from domain.client.order_events import OrderCancelled, OrderPlaced
from domain.client.payments import CorrectPayment, RecordPayment, RefundMoney
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.types import Step
from tests.domain.facts import DEAL, IN_FIRST_DEAL, IN_SERVICE, ORDER, REGISTERED, SECOND_DEAL
from tests.spec import Refusal, at, day, given, new, refusal

PLACED = OrderPlaced(order_id=ORDER, amount=Decimal(100), currency="EUR")
GIVEN_UP = ClientDisqualified(step=Step.ACCOUNT_SERVICE, reason=DisqualificationReason.PRICE)
OPEN_DEAL = DealOpened(deal_id=SECOND_DEAL, step=Step.ACCOUNT_SERVICE, amount=Decimal(1), currency="EUR")
SERVED = given(*IN_SERVICE)
WITH_OPEN_DEAL = given(*IN_SERVICE, at(day(9), OPEN_DEAL))
WITH_ORDER = given(*IN_SERVICE, at(day(10), PLACED))
WITHOUT_ORDER = given(*IN_SERVICE, at(day(10), PLACED), at(day(11), OrderCancelled(order_id=ORDER)))


def pay(**changes: Any) -> RecordPayment:
    return RecordPayment(amount=Decimal(50), currency="EUR").model_copy(update=changes)


THIRD = Decimal("33.333")
PAID = at(day(11), PaymentReceived(payment_id=new(5), amount=Decimal("50.005"), currency="EUR"))
WITH_FRACTION = given(*IN_SERVICE, PAID)

REFUSALS = [
    refusal("finer_than_currency", SERVED, pay(amount=THIRD), {"unit": Decimal("0.01"), "currency": "EUR"}),
    refusal("finer_than_currency", SERVED, pay(amount=Decimal("0.5"), currency="JPY"), {"unit": 1}),
    refusal("finer_than_currency", WITH_FRACTION, CorrectPayment(payment_id=new(5), amount=THIRD)),
    refusal("finer_than_currency", WITH_FRACTION, RefundMoney(amount=Decimal("50.005"), currency="EUR")),
    refusal("unknown_order", SERVED, pay(order_id=ORDER)),
    refusal("order_cancelled", WITHOUT_ORDER, pay(order_id=ORDER)),
    refusal("wrong_currency", WITH_ORDER, pay(order_id=ORDER, currency="USD"), {"needed": "EUR"}),
    refusal("before_its_cause", WITH_ORDER, pay(order_id=ORDER, occurred_at=day(9)), {"since": day(10)}),
    refusal("unknown_deal", SERVED, pay(deal_id=SECOND_DEAL)),
    refusal("deal_not_won", WITH_OPEN_DEAL, pay(deal_id=SECOND_DEAL)),
    refusal("wrong_currency", SERVED, pay(deal_id=DEAL, currency="USD")),
    refusal("before_its_cause", SERVED, pay(deal_id=DEAL, occurred_at=day(5))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize("target", [{}, {"order_id": ORDER}, {"deal_id": DEAL}])
def test_a_payment_for_an_order_a_deal_or_on_account(target: dict[str, Any]) -> None:
    paid = PaymentReceived(payment_id=new(1), amount=Decimal(50), currency="EUR", **target)
    WITH_ORDER.when(pay(**target)).then(paid)


@pytest.mark.parametrize("history", [(REGISTERED,), IN_FIRST_DEAL, (*IN_SERVICE, GIVEN_UP)])
def test_whatever_the_client_pays_is_recorded(history: tuple[Any, ...]) -> None:
    given(*history).when(pay()).then(PaymentReceived(payment_id=new(1), amount=Decimal(50), currency="EUR"))


@pytest.mark.parametrize("body", [{"amount": "0"}, {"amount": "-1"}, {"order_id": str(ORDER), "deal_id": str(DEAL)}])
def test_malformed_payments(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RecordPayment.model_validate({"amount": "1", "currency": "EUR", **body})


@pytest.mark.parametrize(("amount", "currency"), [("33.3330", "TND"), ("33.330", "EUR"), ("33.0", "JPY")])
def test_a_currency_is_paid_in_its_own_decimals(amount: str, currency: str) -> None:
    paid = PaymentReceived(payment_id=new(1), amount=Decimal(amount), currency=currency)
    SERVED.when(pay(amount=Decimal(amount), currency=currency)).then(paid)
