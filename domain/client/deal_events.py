"""The facts of deals.

Apart from the rules, because other parts of the client read them too.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from domain.client.deal_reasons import LossReason, WinReason
from domain.kernel import Event, Personal
from domain.types import Step


class DealOpened(Event, topic="deals.opened", begins="deal_id"):
    """A deal is being worked. Probability in per cent; the list price is amount and discount together.

    Version 1 knew no discount.
    """

    schema_version: ClassVar = 2

    deal_id: UUID
    step: Step
    title: Personal[str] = None
    amount: Decimal
    discount: Decimal = Decimal()
    currency: str
    close_on: date | None = None
    probability: int | None = None


class DealChanged(Event, topic="deals.changed"):
    """What is expected of an open deal was changed: the fields named in `changed` have new values.

    `proposal_id`: the proposal that the client accepted, where the new values are what it agreed to.

    Version 1 knew no discount, version 2 no proposal.
    """

    schema_version: ClassVar = 3

    deal_id: UUID
    changed: tuple[str, ...]
    title: Personal[str] = None
    amount: Decimal | None = None
    discount: Decimal | None = None
    close_on: date | None = None
    probability: int | None = None
    proposal_id: UUID | None = None


class DealWon(Event, topic="deals.won"):
    """A deal was signed. Amounts are in the deal's currency; `revenue` is what is left after the discount.

    `implied_discount` is the part of the discount that nobody named: the revenue is so much below what was agreed.

    `discount_limit_percent` is what whoever won it might give then, of the list price; `needed_margin_percent` the
    least margin then. None where no rule was set. Terms beyond them were approved by the heads named.

    Version 1 knew no reasons, version 2 neither a discount nor rules about terms, version 3 no implied discount.
    """

    schema_version: ClassVar = 4

    deal_id: UUID
    step: Step
    revenue: Decimal
    cost: Decimal
    currency: str
    reason: WinReason | None = None
    comment: Personal[str] = None
    discount: Decimal = Decimal()
    implied_discount: Decimal = Decimal()
    discount_limit_percent: Decimal | None = None
    discount_approved_by: UUID | None = None
    needed_margin_percent: Decimal | None = None
    margin_approved_by: UUID | None = None


class DealLost(Event, topic="deals.lost"):
    """A deal came to nothing."""

    deal_id: UUID
    reason: LossReason
    comment: Personal[str] = None


class DealReopened(Event, topic="deals.reopened"):
    """A lost deal is worked again."""

    deal_id: UUID
    comment: Personal[str] = None


class DealCorrected(Event, topic="deals.corrected"):
    """What a won deal brought and cost was recorded wrongly: these amounts hold instead of the previous ones."""

    deal_id: UUID
    won_at: datetime
    currency: str
    revenue: Decimal
    cost: Decimal
    discount: Decimal
    previous_revenue: Decimal
    previous_cost: Decimal
    previous_discount: Decimal
    reason: Personal[str]
