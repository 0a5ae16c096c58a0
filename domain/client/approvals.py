"""Approvals: terms of a deal or an order beyond the rules, asked for with a reason and answered by a head with one.

An approval is for the amounts that it was asked for. What is worse in any amount needs another. One for an order, which
has no deal, is for one order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self
from uuid import UUID

from pydantic import Field, model_validator

from domain.client.order_events import OrderPlaced, OrderReduced, PricedLine
from domain.client.order_terms import costed_terms
from domain.client.terms import Judged, Terms, judged, terms_of
from domain.kernel import Command, Event, Personal, Recorded, Refused, refuse_before
from domain.regulation.state import RuleContext
from domain.types import Amount, SomeText

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.state import Client


class ApprovalRequested(Event, topic="approvals.requested", begins="approval_id"):
    """Somebody asks for terms beyond the rules: of a deal, or else of an order. Without cost only for the discount.

    `needed_margin_percent` and `discount_limit_percent` are those in force for him then, None where no rule was set.
    The discount of an order is on `goods_list_price`, that of its articles of the catalogue; its `lines` are what is
    wanted.
    """

    schema_version = 3

    approval_id: UUID
    deal_id: UUID | None = None
    currency: str
    revenue: Decimal
    discount: Decimal
    cost: Decimal | None
    obligations: Decimal
    needed_margin_percent: Decimal | None
    discount_limit_percent: Decimal | None
    goods_list_price: Decimal | None = None
    lines: tuple[PricedLine, ...] = ()
    reason: Personal[str]

    @classmethod
    def upcast(cls, data: dict[str, Any], from_version: int) -> dict[str, Any]:
        """Those of the first version were all for deals; those of the second did not tell goods from free text."""
        if from_version < cls.schema_version and data.get("deal_id") is None:
            return data | {"goods_list_price": str(Decimal(data["revenue"]) + Decimal(data["discount"]))}
        return data

    @property
    def terms(self) -> Terms:
        """What was asked for."""
        return Terms(self.revenue, self.discount, self.cost, self.obligations)

    @property
    def goods(self) -> Terms:
        """What the discount is on: the articles of an order, or all that a deal is about."""
        if self.goods_list_price is None:
            return self.terms
        return Terms(self.goods_list_price - self.discount, self.discount)

    @property
    def costed(self) -> Terms:
        """What the margin is of: the lines whose cost is known, where that of the whole is not."""
        return costed_terms(self.terms, self.lines)


class ApprovalGiven(Event, topic="approvals.given"):
    """A head agrees to these very terms."""

    approval_id: UUID
    reason: Personal[str]


class ApprovalRefused(Event, topic="approvals.refused"):
    """A head does not agree."""

    approval_id: UUID
    reason: Personal[str]


@dataclass(frozen=True, slots=True)
class Approval:
    """Terms that were asked for, and how that was answered. `state`: waiting, given or refused; `used` by an order.

    `goods` is what the discount is on, `costed` what the margin is of.
    """

    id: UUID
    deal_id: UUID | None
    currency: str
    terms: Terms
    goods: Terms
    costed: Terms
    since: datetime
    state: str = "waiting"
    answered_by: UUID | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Approvals:
    """All that was asked for, by id."""

    by_id: Mapping[UUID, Approval] = field(default_factory=dict[UUID, Approval])

    def evolve(self, recorded: Recorded) -> "Approvals":
        """After an approval was asked for, answered, or used by an order."""
        at, by = recorded.occurred_at, recorded.actor
        match recorded.event:
            case ApprovalRequested(approval_id=key, deal_id=deal_id) as event:
                return self._with(Approval(key, deal_id, event.currency, event.terms, event.goods, event.costed, at))
            case ApprovalGiven(approval_id=key):
                return self._with(replace(self.by_id[key], since=at, state="given", answered_by=by))
            case ApprovalRefused(approval_id=key):
                return self._with(replace(self.by_id[key], since=at, state="refused", answered_by=by))
            case OrderPlaced(approvals=used) | OrderReduced(approvals=used):
                return Approvals({**self.by_id, **{key: replace(self.by_id[key], used=True) for key in used}})
            case _:
                return self

    def _with(self, approval: Approval) -> "Approvals":
        return Approvals({**self.by_id, approval.id: approval})

    def of_discount(self, deal_id: UUID, terms: Terms, on: datetime) -> Approval | None:
        """The approval that covers the discount of these terms, given by that moment."""
        given = (each for each in self._given(deal_id, on) if each.terms.allow_discount_of(terms))
        return next(given, None)

    def of_margin(self, deal_id: UUID, terms: Terms, on: datetime) -> Approval | None:
        """The approval that covers all these terms, given by that moment."""
        given = (each for each in self._given(deal_id, on) if each.terms.allow_margin_of(terms))
        return next(given, None)

    def of_orders(self, currency: str, on: datetime) -> list[Approval]:
        """The approvals for orders in this currency that were given by that moment and are not used yet."""
        return [each for each in self._given(None, on) if each.currency == currency and not each.used]

    def _given(self, deal_id: UUID | None, on: datetime) -> list[Approval]:
        of_deal = (each for each in self.by_id.values() if each.deal_id == deal_id)
        return [each for each in of_deal if each.state == "given" and each.since <= on]

    def get_waiting(self, approval_id: UUID, context: RuleContext) -> Approval:
        """The approval with this id, if it waits for an answer and was asked for before the decision."""
        approval = self.by_id.get(approval_id)
        if approval is None:
            raise Refused("unknown_approval", approval_id=approval_id)
        if approval.state != "waiting":
            raise Refused("approval_answered", approval_id=approval_id, state=approval.state)
        refuse_before(approval.since, context, approval_id=approval_id)
        return approval


class Agreed(NamedTuple):
    """Terms, and the approvals that cover what of them is beyond the rules; None where none does, or none is needed."""

    judged: Judged
    discount: Approval | None
    margin: Approval | None

    @property
    def lacking(self) -> dict[str, Any]:
        """What the rules say of the terms that nobody approved; empty where everything is in order."""
        facts = self.judged.margin_facts if self.judged.lacks_margin and not self.margin else {}
        return facts | (self.judged.discount_facts if self.judged.exceeds_discount and not self.discount else {})


def agreed(client: "Client", deal_id: UUID, terms: Judged, on: datetime) -> Agreed:
    """The terms with the approvals that cover them and were given by that moment."""
    discount = client.approvals.of_discount(deal_id, terms.terms, on) if terms.exceeds_discount else None
    margin = client.approvals.of_margin(deal_id, terms.terms, on) if terms.lacks_margin else None
    return Agreed(terms, discount, margin)


def approved(client: "Client", deal_id: UUID, terms: Judged, on: datetime) -> Agreed:
    """The same. An approval that is given later covers nothing that happened before it.

    Raises:
        Refused: `approval_required`, where something of them is beyond the rules and not approved.
    """
    found = agreed(client, deal_id, terms, on)
    if found.lacking:
        raise Refused("approval_required", deal_id=deal_id, **found.lacking)
    return found


class RequestApproval(Command):
    """Ask for terms of an open deal beyond the rules: below the minimum margin, or above the limit of discounts.

    The obligations of the deal are added as they stand. The terms of a proposal are its total and all that it gives
    away; otherwise what the revenue lacks to the list price of the deal is a discount, too.
    """

    deal_id: UUID
    proposal_id: Annotated[UUID | None, Field(description="To ask for what this proposal for the deal offers")] = None
    revenue: Annotated[Amount | None, Field(description="After discount; as the deal has it, when absent")] = None
    discount: Annotated[Amount | None, Field(description="As the deal has it, when absent")] = None
    cost: Annotated[Amount | None, Field(description="Direct cost; without it only the discount is asked for")] = None
    reason: SomeText

    refusals: ClassVar = (
        "unknown_deal",
        "deal_not_open",
        "unknown_proposal",
        "approval_not_needed",
        "before_its_cause",
    )
    examples: ClassVar = (
        {"revenue": "9000.00", "discount": "1000.00", "cost": "8000.00", "reason": "Opens the door to the whole group"},
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.proposal_id and (self.revenue is not None or self.discount is not None):
            raise ValueError("send proposal_id, or revenue and discount, not both")
        return self

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        deal = client.deals.get_open(self.deal_id, context)
        wanted = judged(client, self._terms(client, deal, context), deal.currency, context)
        if not (wanted.lacks_margin or wanted.exceeds_discount):
            raise Refused("approval_not_needed", deal_id=deal.id, **wanted.margin_facts, **wanted.discount_facts)
        return [
            ApprovalRequested(
                approval_id=context.new_id(),
                deal_id=deal.id,
                currency=deal.currency,
                **wanted.terms._asdict(),
                needed_margin_percent=wanted.needed_margin_percent,
                discount_limit_percent=wanted.discount_limit_percent,
                reason=self.reason,
            )
        ]

    def _terms(self, client: "Client", deal: "Deal", context: RuleContext) -> Terms:
        if self.proposal_id is None:
            return terms_of(client, deal, self.revenue, self.discount, self.cost)
        proposal = client.proposals.get(self.proposal_id, context)
        if proposal.deal_id != deal.id:
            raise Refused("unknown_proposal", proposal_id=proposal.id, deal_id=deal.id)
        return Terms(proposal.total, proposal.given, self.cost, client.obligations.cost_of(deal.id))


class GiveApproval(Command):
    """Agree to terms beyond the rules, with the reason. Heads only; a head may answer what he asked for himself."""

    approval_id: UUID
    reason: SomeText

    refusals: ClassVar = ("unknown_approval", "approval_answered", "deal_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "Worth it for the first deal"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [ApprovalGiven(approval_id=_waiting(self.approval_id, client, context).id, reason=self.reason)]


class RefuseApproval(Command):
    """Do not agree to terms beyond the rules, with the reason. Heads only."""

    approval_id: UUID
    reason: SomeText

    refusals: ClassVar = ("unknown_approval", "approval_answered", "deal_not_open", "before_its_cause")
    examples: ClassVar = ({"reason": "Offer the training instead"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        return [ApprovalRefused(approval_id=_waiting(self.approval_id, client, context).id, reason=self.reason)]


def _waiting(approval_id: UUID, client: "Client", context: RuleContext) -> Approval:
    approval = client.approvals.get_waiting(approval_id, context)
    if approval.deal_id:
        client.deals.get_open(approval.deal_id, context)
    return approval
