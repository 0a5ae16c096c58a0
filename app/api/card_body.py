"""The client's card as the API shows it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.api.card_assignment_body import AssignmentBody, CardExchangeBody
from app.api.card_example import CARD_EXAMPLE
from app.api.people import EmployeeRef
from domain.types import Step
from projections.money import Money, Number
from projections.place import Status


class _Body(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class JudgementBody(_Body):
    """When and by whom the client was judged, and why. The comment of a qualification is the client's need."""

    at: datetime
    by: EmployeeRef
    reason: str | None
    comment: str | None


class KeyPersonBody(_Body):
    """A person who takes part in the client's decisions."""

    id: UUID
    name: str | None
    position: str | None
    role: str | None
    part_in_decisions: str | None
    personality_type: str | None
    phones: list[str]
    emails: list[str]


class ContactBody(_Body):
    """A contact with the client."""

    id: UUID
    occurred_at: datetime
    channel: str
    direction: str
    outcome: str
    summary: str | None
    agreed: str | None
    key_person_id: UUID | None
    employee: EmployeeRef


class TaskBody(_Body):
    """An open task."""

    id: UUID
    text: str | None
    due_at: datetime
    employee: EmployeeRef


class CardInquiryBody(_Body):
    """An inquiry that waits for its answer."""

    id: UUID
    channel: str
    subject: str | None
    text: str | None
    key_person_id: UUID | None
    received_at: datetime
    due_at: datetime


class CardObligationBody(_Body):
    """What the firm still owes the client by the agreement of a deal."""

    id: UUID
    deal_id: UUID
    text: str | None
    due_at: datetime
    breached: Annotated[bool, Field(description="Its time is over")]
    cost: Annotated[Money, Field(description="As planned")]
    currency: str
    employee: Annotated[EmployeeRef, Field(description="Who sees to it")]


class WaitingOfferBody(_Body):
    """A handoff that waits for an answer: overdue after `due_at`, closed by rule after `expires_at`."""

    id: UUID
    from_step: Step
    to_step: Step
    from_employee: EmployeeRef
    to_employee: EmployeeRef | None
    offered_at: datetime
    due_at: datetime
    expires_at: datetime
    comment: str | None


class CardHandoffBody(_Body):
    """An offer to another step, and how it was answered."""

    id: UUID
    from_step: Step
    to_step: Step
    offered_at: datetime
    state: Annotated[str, Field(description="waiting, accepted, returned, withdrawn or expired")]
    answered_at: datetime | None


class DealBody(_Body):
    """A deal, `since` when it is in its state. The amount is what is expected of it, the revenue once it is won.

    Profit = list price - discount - cost - obligations, where amount and discount together are the list price.
    """

    id: UUID
    state: Annotated[str, Field(description="open, won or lost")]
    title: str | None
    amount: Money
    currency: str
    since: datetime
    close_on: date | None
    probability: Annotated[int | None, Field(description="Per cent")]
    step: Step
    opened_at: datetime
    discount: Money
    cost: Annotated[Money | None, Field(description="Direct cost, once it is won")]
    obligations: Annotated[Money, Field(description="What its obligations cost")]
    profit: Annotated[Money | None, Field(description="Once it is won")]
    margin_percent: Annotated[Number | None, Field(description="The profit in per cent of the amount")]
    approval: Annotated[
        Literal["waiting", "given", "refused"] | None,
        Field(description="How the last one stands that was asked for; null also where a deal was won without any"),
    ]


class LoyaltyBody(_Body):
    """The loyalty tier that the client has reached by what it has brought, by the regulation of the moment."""

    name: str
    percent: Annotated[Number, Field(description="The discount that goes with it")]
    currency: str
    from_amount: Annotated[Money, Field(description="Where it begins")]


class CardProposalBody(_Body):
    """A proposal that may still be accepted, as its last revision has it."""

    id: UUID
    number: str
    deal_id: UUID | None
    revision: int
    title: str | None
    total: Money
    currency: str
    valid_until: date
    state: Annotated[str, Field(description="draft or sent")]
    sent_at: datetime | None


class OrderBody(_Body):
    """An order."""

    id: UUID
    number: str | None
    amount: Money
    currency: str
    placed_at: datetime
    cancelled: bool


class PurchaseBody(_Body):
    """A won deal or an order."""

    kind: Literal["deal", "order"]
    id: UUID
    at: datetime
    amount: Money
    currency: str


class MoneyBody(_Body):
    """Sums in one currency. An order that fulfils a won deal is in `ordered` and, as the deal, in `revenue`."""

    currency: str
    won_deals: int
    revenue: Annotated[Money, Field(description="Of won deals")]
    cost: Annotated[Money, Field(description="Of won deals")]
    margin: Annotated[Money, Field(description="Of won deals: revenue less cost")]
    orders: Annotated[int, Field(description="Orders that were not cancelled")]
    ordered: Annotated[Money, Field(description="Amount of those orders")]
    paid: Money
    open_deals: int
    expected: Annotated[Money, Field(description="Amount of open deals")]


class CountsBody(_Body):
    """How many there are."""

    contacts: int
    key_persons: int
    open_inquiries: int
    open_tasks: int
    open_obligations: int
    handoffs: Annotated[int, Field(description="Offers, however they were answered")]
    open_deals: int
    won_deals: int
    orders: int


class CategoryBasisBody(_Body):
    """Why the client is of its category: a rule, or a person who overrides the rules since then. Else nobody said."""

    rule: str | None
    overridden_at: datetime | None


class CardBody(_Body):
    """The card: who the client is, where it stands, who works it, what comes next, what it is worth."""

    model_config = ConfigDict(json_schema_extra={"examples": [CARD_EXAMPLE]})

    id: UUID
    version: Annotated[int, Field(description="Of the client's stream; also the ETag")]
    registered_at: datetime
    external_id: str | None

    name: str | None
    kind: str | None
    tax_id: str | None
    phones: list[str]
    emails: list[str]
    site: str | None
    region: str | None
    industry: str | None
    size: str | None
    turnover: Annotated[Money | None, Field(description="Per year, in `currency`")]
    currency: str | None
    origin: str | None
    category: str | None
    category_basis: CategoryBasisBody
    personality_type: str | None
    preferences: str | None
    specifics: str | None
    usual_channel: str | None
    purchase_interval: str | None
    expected_purchase: Annotated[Money | None, Field(description="One purchase, in `currency`")]
    retention_years: Number | None
    attributes: dict[str, str]

    status: Status
    merged_into: Annotated[UUID | None, Field(description="The client that stands for this one")]
    step: Step
    step_since: datetime
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    owners: Annotated[dict[Step, EmployeeRef], Field(description="Who works or worked the client, by step")]
    need: Annotated[str | None, Field(description="As it was confirmed last; it stays when the client is handed over")]
    qualification: Annotated[JudgementBody | None, Field(description="While it holds")]
    disqualification: Annotated[JudgementBody | None, Field(description="While it holds")]
    archiving: Annotated[JudgementBody | None, Field(description="While it holds")]

    next_step: Annotated[
        TaskBody | None, Field(description="The open task of the owner that is due first; tasks of others are none")
    ]
    tasks: Annotated[list[TaskBody], Field(description="Open ones, the earliest due first")]
    inquiries: Annotated[list[CardInquiryBody], Field(description="Open ones, the earliest due first")]
    obligations: Annotated[
        list[CardObligationBody], Field(description="What the firm still owes, the earliest due first")
    ]
    assignment: Annotated[
        AssignmentBody | None, Field(description="Of whoever works it now; null where he accepted a handoff")
    ]
    exchange: Annotated[CardExchangeBody | None, Field(description="The offer to colleagues that waits for an answer")]
    handoff: Annotated[WaitingOfferBody | None, Field(description="The one that waits for an answer")]
    handoffs: Annotated[list[CardHandoffBody], Field(description="The last five, the newest first")]
    deals: Annotated[list[DealBody], Field(description="The last 20 in whatever state, the newest change first")]
    proposals: Annotated[list[CardProposalBody], Field(description="Open ones, those first that end first")]
    orders: Annotated[list[OrderBody], Field(description="The last five, the newest first")]
    contacts: Annotated[list[ContactBody], Field(description="The last five, the newest first")]
    key_persons: list[KeyPersonBody]
    money: Annotated[list[MoneyBody], Field(description="By currency")]
    loyalty_tier: Annotated[LoyaltyBody | None, Field(description="The best that it has reached in any currency")]
    last_purchase: PurchaseBody | None
    dormant_from: Annotated[
        datetime | None,
        Field(description="Twice the expected interval after the last purchase: that on the card, else its own"),
    ]
    counts: CountsBody
