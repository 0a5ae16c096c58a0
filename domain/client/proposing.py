"""Proposing: drafts and their revisions, with lines of the catalogue or of words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from domain.catalogue.codes import Code
from domain.catalogue.pricing import PRICING_REFUSALS, Pricing
from domain.client.proposal_events import PerCent, ProposalDrafted, ProposalLine, ProposalRevised, less
from domain.client.proposal_lines import Offering, WantedLine, WantedLines, reached
from domain.kernel import Consequence, Event, JointCommand, Reach, Refused
from domain.regulation.state import RuleContext
from domain.types import Currency, Day, EmptyIsNone, OptionalText, OptionalWord

if TYPE_CHECKING:
    from domain.client.proposals import Proposal
    from domain.client.state import Client

CONTENT = ("title", "lines", "discount", "currency", "valid_until", "terms")
"""What a revision may change."""


def _offered(content: Mapping[str, Any], context: RuleContext) -> dict[str, Any]:
    """The facts of a revision that follow from its content."""
    zone = ZoneInfo(context.regulation.time_zone)
    expires_at = datetime.combine(content["valid_until"] + timedelta(days=1), time(), zone).astimezone(
        context.now.tzinfo
    )
    if expires_at <= context.occurred_at:
        raise Refused("validity_over", valid_until=content["valid_until"], occurred_at=context.occurred_at)
    subtotal = sum((line.amount for line in content["lines"]), Decimal())
    return {
        **content,
        "subtotal": subtotal,
        "total": less(subtotal, content["discount"]),
        "list_total": sum((line.worth for line in content["lines"]), Decimal()),
        "expires_at": expires_at,
    }


def _refuse_other_currency(client: "Client", deal_id: UUID | None, currency: str) -> None:
    """A deal has one currency, and so have all proposals for it."""
    deal = client.deals.by_id.get(deal_id) if deal_id else None
    if deal and deal.currency != currency:
        raise Refused("currencies_mixed", deal_id=deal.id, deal_currency=deal.currency, currency=currency)


def _refuse_other_lists(proposal: "Proposal", currency: str) -> None:
    """What a list says in one currency is no price in another."""
    listed = sorted({line.price_list for line in proposal.lines if line.price_list})
    if currency != proposal.currency and listed:
        raise Refused("listed_in_another_currency", currency=proposal.currency, price_lists=listed)


Lines = tuple[ProposalLine, ...]
PriceList = Annotated[Code | None, EmptyIsNone, Field(description="The code of the list to price by")]
_PRICED = (*PRICING_REFUSALS, "amount_too_large")


class _Offer(JointCommand):
    """An offer whose lines are priced by the catalogue as it stands."""

    price_list: PriceList = None

    def consequences(self, state: Any, events: Sequence[Event]) -> Iterable[Consequence]:
        return ()

    def _priced(self, lines: Sequence[WantedLine], currency: str, client: "Client", context: RuleContext) -> Lines:
        return Offering(Pricing(currency, client.card.category, self.price_list), context).lines(lines)


class DraftProposal(_Offer):
    """Make a proposal. It is the client's once it is sent.

    Lines with an article are of the catalogue. Their price is that of the list on the day of recording, unless another
    one is sent: of `price_list` or, without it, of the newest list in the currency, one for the client's category going
    first. A price below the list is a discount, too. An article without a list price is refused, whatever is sent.
    """

    deal_id: UUID | None = None
    number: Annotated[OptionalWord, Field(description="The firm's own; counted up per client, when absent")] = None
    title: OptionalWord = None
    lines: WantedLines
    discount: Annotated[PerCent, Field(description="Per cent of the sum of the lines")] = Decimal()
    currency: Currency
    valid_until: Annotated[Day, Field(description="The last day on which it can be accepted, in the firm's time zone")]
    terms: OptionalText = None

    refusals: ClassVar = (
        *_PRICED,
        "unknown_deal",
        "deal_not_open",
        "currencies_mixed",
        "validity_over",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = (
        {
            "title": "Pipes for the new shop",
            "lines": [
                {"text": "Pipe 40 mm", "unit": "t", "quantity": "40", "price": "920"},
                {"text": "Delivery", "price": "800", "discount": "50"},
            ],
            "discount": "5",
            "currency": "EUR",
            "valid_until": "2199-03-31",
            "terms": "Half in advance",
        },
        {
            "lines": [{"article": "BROOM-GREEN-T", "quantity": "40"}],
            "currency": "EUR",
            "valid_until": "2199-03-31",
        },
    )

    def reach(self, state: Any) -> Collection[Reach]:
        return reached(self.lines)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if self.deal_id:
            client.deals.get_open(self.deal_id, context)
            _refuse_other_currency(client, self.deal_id, self.currency)
        content = {name: getattr(self, name) for name in CONTENT}
        content["lines"] = self._priced(self.lines, self.currency, client, context)
        return [
            ProposalDrafted(
                proposal_id=context.new_id(),
                revision=1,
                number=self.number or str(len(client.proposals.by_id) + 1),
                step=client.step,
                deal_id=self.deal_id,
                **_offered(content, context),
            )
        ]


class ReviseProposal(_Offer):
    """Change a proposal: what was sent replaces what it said. It has to be sent anew, and may have expired before.

    Lines that are sent are priced as in a draft; without them those there are stay as they are.
    """

    proposal_id: UUID
    title: OptionalWord = None
    lines: WantedLines | None = None
    discount: PerCent | None = None
    currency: Currency | None = None
    valid_until: Day | None = None
    terms: OptionalText = None
    comment: OptionalText = None

    refusals: ClassVar = (
        *_PRICED,
        "unknown_proposal",
        "proposal_accepted",
        "currencies_mixed",
        "listed_in_another_currency",
        "validity_over",
        "nothing_to_change",
        "before_its_cause",
        "client_disqualified",
    )
    examples: ClassVar = ({"discount": "7.5", "valid_until": "2199-04-30", "comment": "As agreed by phone"},)

    @model_validator(mode="after")
    def _prices_something(self) -> Self:
        if self.price_list is not None and self.lines is None:
            raise ValueError("send the lines that are to be priced by the list")
        return self

    def reach(self, state: Any) -> Collection[Reach]:
        return reached(self.lines or ())

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        proposal = client.proposals.get(self.proposal_id, context, accepted="proposal_accepted")
        before = {name: getattr(proposal, name) for name in CONTENT}
        after = before | {name: getattr(self, name) for name in CONTENT if self._is_said(name)}
        _refuse_other_currency(client, proposal.deal_id, after["currency"])
        if self.lines is None:
            _refuse_other_lists(proposal, after["currency"])
        else:
            after["lines"] = self._priced(self.lines, after["currency"], client, context)
        if after == before:
            raise Refused("nothing_to_change", proposal_id=proposal.id)
        return [
            ProposalRevised(
                proposal_id=proposal.id,
                number=proposal.number,
                deal_id=proposal.deal_id,
                revision=proposal.revision + 1,
                comment=self.comment,
                **_offered(after, context),
            )
        ]

    def _is_said(self, name: str) -> bool:
        """Title and terms may be emptied; of the rest, null says nothing."""
        return name in self.model_fields_set and (getattr(self, name) is not None or name in {"title", "terms"})
