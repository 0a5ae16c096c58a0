"""How a card shows whoever works the client, and the offer of it to colleagues."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.exchange_events import ExchangeDeclined, ExchangeExpired, ExchangeOffered, ExchangeWithdrawn
from domain.types import FailureReason, Step, Variant
from projections.card import CardView
from projections.card_assignment import CardAssignment, Working
from tests.domain.facts import ASSIGNED, EXCHANGE, IN_FIRST_DEAL, REGISTERED
from tests.projections.filled import seen
from tests.spec import CLOSER, SECOND_SELLER, SELLER, at, day

RUN = UUID(int=0xD1)
TAKEN = EmployeeAssigned(
    step=Step.LEAD_GENERATION,
    employee_id=SECOND_SELLER.id,
    previous_id=SELLER.id,
    failure_reason=FailureReason.PRICE,
    reason="Too dear",
    distribution_id=RUN,
    score=Decimal("0.8"),
    variant=Variant.TRUSTING,
)
OFFERED = ExchangeOffered(
    exchange_id=EXCHANGE,
    step=Step.LEAD_GENERATION,
    from_employee_id=SELLER.id,
    to_employee_id=None,
    reason=FailureReason.TYPES_INCOMPATIBLE,
    due_at=day(4),
)
DECLINED = ExchangeDeclined(exchange_id=EXCHANGE, employee_id=CLOSER.id)


def working(*history: Any) -> Working:
    return seen(CardView(), history).working


def test_who_why_which_score_and_which_run() -> None:
    assert working(REGISTERED, ASSIGNED, at(day(3), TAKEN)).assignment == CardAssignment(
        day(3), SELLER.id, "price", "Too dear", "trusting", Decimal("0.8"), RUN
    )


def test_who_accepted_a_handoff_was_not_assigned() -> None:
    assert working(*IN_FIRST_DEAL) == Working()


def test_an_offer_is_shown_while_it_waits() -> None:
    offered = (REGISTERED, ASSIGNED, at(day(2), OFFERED))
    shown = working(*offered, DECLINED).exchange
    assert shown
    assert (shown.id, shown.offered_at, shown.declined_by) == (EXCHANGE, day(2), (CLOSER.id,))
    assert working(*offered, ExchangeWithdrawn(exchange_id=EXCHANGE)).exchange is None
    assert working(*offered, ExchangeExpired(exchange_id=EXCHANGE)).exchange is None
    assert working(*offered, TAKEN).exchange is None
    assert working(REGISTERED, DECLINED).exchange is None
