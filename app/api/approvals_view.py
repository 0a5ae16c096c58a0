"""Approvals: the worklist of heads, what somebody asked for himself, and those for the orders of a client."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.caller import Reader
from app.api.documented import problems_documented
from app.api.people import Department, EmployeeRef, employee_ref, employees_meant, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import ListPage, ReportPeriod, cursors_checked
from app.auth import authorize
from app.problems import Problem
from app.services import Services
from domain.client.order_events import PricedLine
from domain.client.order_terms import costed_terms
from domain.client.terms import Terms, share_percent
from domain.types import Step
from projections.agreements import AgreementsView
from projections.approvals_query import ApprovalState, WantedApprovals, approvals, is_known
from projections.money import Money, Number
from projections.paging import Page

router = APIRouter()
ApprovalReading = Annotated[Reading, reader(AgreementsView.name, in_time=True)]
_EMPLOYEE: JsonValue = {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "ivanova", "name": "Anna Ivanova"}
Percent = Annotated[Number | None, Field(description="Null: no rule was set")]


class TermsBody(BaseModel):
    """The terms of a deal, in its currency. Profit = list price - discount - cost - obligations."""

    list_price: Annotated[Money, Field(description="Revenue and discount together")]
    discount: Money
    discount_percent: Annotated[Number | None, Field(description="Of the list price")]
    revenue: Annotated[Money, Field(description="What the client pays, or is expected to")]
    cost: Annotated[Money | None, Field(description="Direct cost; null: not known yet")]
    obligations: Annotated[Money, Field(description="What the obligations of the deal cost")]
    profit: Annotated[Money | None, Field(description="Null as long as the cost is not known")]
    margin_percent: Annotated[Number | None, Field(description="The profit in per cent of the revenue")]


def terms_figures(terms: Terms) -> dict[str, Any]:
    """The fields of a `TermsBody`."""
    derived = ("list_price", "discount_percent", "profit", "margin_percent")
    return {**terms._asdict(), **{name: getattr(terms, name) for name in derived}}


class LineBody(BaseModel):
    """A line of the order that is to be placed; prices and cost are per unit."""

    article: Annotated[str, Field(description="The code of an article, or free text")]
    quantity: Number
    price: Money
    list_price: Annotated[Money | None, Field(description="Null: in no catalogue")]
    cost: Money | None


class ApprovalBody(TermsBody):
    """Terms of a deal or an order that somebody asks for. They are beyond the rules that were in force for him then.

    Where the cost of an order is not known, profit and margin are those of the lines whose cost is.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "1f6f2c0a-0d1b-4c55-9b43-6f7a9a5f8d23",
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "client_name": "Ural Steel",
                    "step": "first_deal",
                    "owner": _EMPLOYEE,
                    "deal_id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "deal_title": "Trial delivery",
                    "deal_state": "open",
                    "currency": "EUR",
                    "list_price": "10000.00",
                    "discount": "1000.00",
                    "discount_percent": "10.00",
                    "revenue": "9000.00",
                    "cost": "8000.00",
                    "obligations": "600.00",
                    "profit": "400.00",
                    "margin_percent": "4.44",
                    "needed_margin_percent": "15",
                    "discount_limit_percent": "5",
                    "goods_list_price": None,
                    "lines": [],
                    "reason": "Opens the door to the whole group",
                    "requested_at": "2026-03-05T09:00:00Z",
                    "requested_by": _EMPLOYEE,
                    "state": "waiting",
                    "answered_at": None,
                    "answered_by": None,
                    "answer": None,
                    "order_id": None,
                }
            ]
        }
    )

    id: UUID
    client_id: UUID
    client_name: str | None
    step: Step
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    deal_id: Annotated[UUID | None, Field(description="Null: an order is to be placed")]
    deal_title: str | None
    deal_state: Annotated[str | None, Field(description="open, won or lost")]
    currency: str
    needed_margin_percent: Percent
    discount_limit_percent: Percent
    goods_list_price: Annotated[
        Money | None,
        Field(description="Of the order's articles of the catalogue: the discount is of this. Null: the deal's is"),
    ]
    lines: Annotated[list[LineBody], Field(description="Of the order; none of a deal, or of an amount as a whole")]
    reason: str | None
    requested_at: datetime
    requested_by: EmployeeRef
    state: Annotated[str, Field(description="waiting, given, refused, or used by an order")]
    answered_at: datetime | None
    answered_by: EmployeeRef | None
    answer: Annotated[str | None, Field(description="The reason of the head")]
    order_id: Annotated[UUID | None, Field(description="The order that was placed or reduced by it")]


class ApprovalPage(BaseModel):
    """Approvals, those first that were asked for first."""

    items: list[ApprovalBody]
    next_cursor: str | None


@router.get("/approvals", tags=["Worklists"], responses=problems_documented({}, "forbidden"))
async def list_approvals(
    reading: ApprovalReading,
    actor: Reader,
    page: ListPage,
    requested: ReportPeriod,
    state: ApprovalState = ApprovalState.WAITING,
    employee_id: Annotated[UUID | None, Query(description="Who asked for it")] = None,
    department: Department = None,
    client_id: UUID | None = None,
    deal_id: UUID | None = None,
) -> ApprovalPage:
    """Terms of deals and orders beyond the rules that were asked for within the period, the oldest first.

    For heads; others see what they asked for themselves, and send their own id as `employee_id`.
    """
    if employee_id != actor.employee_id:
        authorize(actor, "read_approvals")
    employees = employees_meant(reading.services, employee_id, department)
    return await _page(reading, WantedApprovals(state, employees, client_id, deal_id, requested), page)


@router.get(
    "/clients/{client_id}/orders/approvals",
    tags=["Clients: views"],
    responses=problems_documented({404: ["unknown_client"]}),
)
async def list_order_approvals(
    reading: ApprovalReading, client_id: UUID, page: ListPage, state: ApprovalState = ApprovalState.ALL
) -> ApprovalPage:
    """Orders of a client beyond the rules that were asked for, how a head answered, and the order that used each."""
    if not await is_known(reading.connection, client_id):
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    return await _page(reading, WantedApprovals(state, client_id=client_id, of_orders=True), page)


async def _page(reading: Reading, wanted: WantedApprovals, page: Page) -> ApprovalPage:
    with cursors_checked():
        found = await approvals(reading.connection, wanted, page)
    items = [ApprovalBody(**_named(reading.services, item)) for item in found.items]
    return ApprovalPage(items=items, next_cursor=found.next_cursor)


def _named(services: Services, item: dict[str, Any]) -> dict[str, Any]:
    keys = ("approval_id", "requested_by", "owner_id", "answered_by")
    approval_id, requested_by, owner, answered_by = (item.pop(key) for key in keys)
    amounts: dict[str, Decimal] = {name: item.pop(name) for name in Terms._fields}
    terms, goods = Terms(**amounts), item["goods_list_price"]
    costed = costed_terms(terms, [PricedLine.model_validate(line) for line in item["lines"]])
    return item | {
        **terms_figures(terms),
        "discount_percent": terms.discount_percent if goods is None else share_percent(terms.discount, goods),
        "profit": costed.profit,
        "margin_percent": costed.margin_percent,
        "id": approval_id,
        "requested_by": employee_ref(services, requested_by),
        "owner": optional_ref(services, owner),
        "answered_by": optional_ref(services, answered_by),
    }
