"""The terms of a deal before it is won: what it leaves, what a discount may be, what the client is worth in all."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.approvals_view import Percent, TermsBody, terms_figures
from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.auth import authorize
from app.execute import CLIENT
from app.problems import Problem, invalid
from app.services import Services
from domain.client.approvals import Approval, agreed
from domain.client.deal_state import Deal
from domain.client.state import Client
from domain.client.terms import HUNDRED, Judged, Terms, buyer, judged_by, terms_of
from domain.kernel import Actor
from domain.regulation.discounts import ListPrice
from domain.types import Amount, Currency
from projections.money import Money, Number
from projections.value import ValueView
from projections.value_expected import EXAMPLE, ExpectedValue
from projections.value_query import client_value

router = APIRouter(tags=["Clients: views"])
ValueReading = Annotated[Reading, reader(ValueView.name)]
_TRIED = "Instead of what the deal has, to try terms out"
Tried = Annotated[Amount | None, Query(description=_TRIED)]


class ApprovalOfDeal(TermsBody):
    """Terms that were asked for, and how that was answered."""

    id: UUID
    state: Annotated[str, Field(description="waiting, given or refused")]
    answered_by: EmployeeRef | None


class DealAnalysis(TermsBody):
    """What the deal brings and costs, whether its terms need an approval, and what the client is worth in all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "deal_id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
                    "state": "open",
                    "currency": "EUR",
                    "list_price": "10000.00",
                    "discount": "500.00",
                    "discount_percent": "5.00",
                    "revenue": "9500.00",
                    "cost": "6000.00",
                    "obligations": "600.00",
                    "profit": "2900.00",
                    "margin_percent": "30.53",
                    "needed_margin_percent": "15",
                    "discount_limit_percent": "5",
                    "approval_required": False,
                    "approvals": [],
                    "expected_value": [EXAMPLE],
                }
            ]
        }
    )

    client_id: UUID
    deal_id: UUID
    state: Annotated[str, Field(description="open, won or lost")]
    currency: str
    needed_margin_percent: Annotated[Percent, Field(description="Now, for an open deal; null: none")]
    discount_limit_percent: Annotated[Percent, Field(description="Yours now, for an open deal; null: none")]
    approval_required: Annotated[bool, Field(description="Beyond the rules, and no head agreed to these terms")]
    approvals: list[ApprovalOfDeal]
    expected_value: Annotated[list[ExpectedValue], Field(description="The client's lifetime value, by currency")]


@router.get("/clients/{client_id}/deals/{deal_id}/analysis", responses=problems_documented({404: ["unknown_deal"]}))
async def analyse_deal(
    reading: ValueReading,
    actor: Reader,
    client_id: UUID,
    deal_id: UUID,
    revenue: Tried = None,
    cost: Tried = None,
    discount: Tried = None,
) -> DealAnalysis:
    """Each summand of the deal's profit, what the rules say of it, and beside it the client's lifetime value."""
    services = reading.services
    client = await services.executor.read(CLIENT, client_id)
    deal = client.deals.by_id.get(deal_id)
    if deal is None:
        raise Problem("unknown_deal", status=404, facts={"deal_id": deal_id})
    terms = terms_of(client, deal, revenue, discount, cost)
    judged = await _judged(services, actor, client, deal, terms)
    value = await client_value(reading.connection, client_id)
    return DealAnalysis(
        **terms_figures(terms),
        client_id=client_id,
        deal_id=deal.id,
        state=deal.state,
        currency=deal.currency,
        needed_margin_percent=judged.needed_margin_percent,
        discount_limit_percent=judged.discount_limit_percent,
        approval_required=bool(agreed(client, deal.id, judged, datetime.now(UTC)).lacking),
        approvals=[_approval(each, services) for each in client.approvals.by_id.values() if each.deal_id == deal.id],
        expected_value=value.expected if value else [],
    )


async def _judged(services: Services, actor: Actor, client: Client, deal: Deal, terms: Terms) -> Judged:
    """What the rules in force say; nothing of a deal that is closed."""
    if deal.state != "open":
        return Judged(terms, None, None)
    await services.directory.refresh()
    return judged_by(services.directory.regulation, actor.roles, client, terms, deal.currency)


def _approval(approval: Approval, services: Services) -> ApprovalOfDeal:
    return ApprovalOfDeal(
        **terms_figures(approval.terms),
        id=approval.id,
        state=approval.state,
        answered_by=optional_ref(services, approval.answered_by),
    )


class GroundBody(BaseModel):
    """Why a discount may be given, and how much. Discounts of several grounds are not added up."""

    model_config = ConfigDict(from_attributes=True)

    source: Annotated[str, Field(description="role, category, volume or loyalty")]
    percent: Number
    role: Annotated[str | None, Field(description="Of yours; null: any")]
    category: Annotated[str | None, Field(description="The client's, where the rule names it")]
    tier: Annotated[str | None, Field(description="The loyalty tier that the client has reached")]
    currency: str | None
    from_amount: Annotated[Money | None, Field(description="Where the volume step or the tier begins")]


class DiscountPolicy(BaseModel):
    """How much you may give this client without an approval, in per cent of the list price, and on which grounds."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11",
                    "category": "A",
                    "roles": ["closing_manager"],
                    "realised": {"EUR": "60000.00"},
                    "amount": "12000.00",
                    "currency": "EUR",
                    "sources": [
                        {
                            "source": "volume",
                            "percent": "7",
                            "role": None,
                            "category": None,
                            "tier": None,
                            "currency": "EUR",
                            "from_amount": "10000.00",
                        }
                    ],
                    "limit_percent": "7",
                    "limit_amount": "840.00",
                }
            ]
        }
    )

    client_id: UUID
    category: str | None
    roles: Annotated[list[str], Field(description="Yours")]
    realised: Annotated[dict[str, Money], Field(description="What the client has brought, by currency")]
    amount: Annotated[Money | None, Field(description="The list price that was asked about")]
    currency: str | None
    sources: Annotated[list[GroundBody], Field(description="The highest first; the first is the limit")]
    limit_percent: Annotated[Number | None, Field(description="Null: nothing is ruled, any discount may be given")]
    limit_amount: Annotated[Money | None, Field(description="The same of the list price, where one was sent")]


@router.get("/clients/{client_id}/discount-policy", responses=problems_documented({404: ["unknown_client"]}))
async def read_discount_policy(
    request: Request,
    actor: Reader,
    client_id: UUID,
    amount: Annotated[Amount | None, Query(description="List price; without it volume steps do not count")] = None,
    currency: Annotated[Currency | None, Query(description="Of the amount; the card's, when absent")] = None,
) -> DiscountPolicy:
    """What discount the client may be given now, by whoever asks: each ground, and the limit that follows from them."""
    services = services_of(request)
    authorize(actor, "read")
    client = await services.executor.read(CLIENT, client_id)
    if client.registration.registered_at is None:
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    price = _price(amount, currency or client.card.currency)
    await services.directory.refresh()
    regulation, who = services.directory.regulation, buyer(client)
    limit = regulation.discount_limit(who, actor.roles, price)
    return DiscountPolicy(
        client_id=client_id,
        category=who.category,
        roles=sorted(actor.roles),
        realised=dict(who.realised),
        amount=price and price.amount,
        currency=price and price.currency,
        sources=[GroundBody(**each._asdict()) for each in regulation.discount_grounds(who, actor.roles, price) or ()],
        limit_percent=limit,
        limit_amount=None if limit is None or price is None else price.amount * limit / HUNDRED,
    )


def _price(amount: Decimal | None, currency: str | None) -> ListPrice | None:
    if amount is None:
        return None
    if currency is None:
        raise invalid("currency", "Send the currency of the amount; the card of the client names none.", "missing")
    return ListPrice(amount, currency)
