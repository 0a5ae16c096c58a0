"""What the templates of a client's documents are filled with."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from domain.client.proposal_events import ProposalLine
from domain.documents.content import TemplateVersion
from domain.documents.fields import ATTRIBUTES, Tongue, amount_written, day_written, number_written
from domain.documents.language import Values
from domain.regulation.state import RuleContext

if TYPE_CHECKING:
    from domain.client.deal_state import Deal
    from domain.client.key_persons import KeyPerson
    from domain.client.proposals import Proposal
    from domain.client.state import Client


class Subject(NamedTuple):
    """What a document is about, beside the client."""

    deal: "Deal | None" = None
    proposal: "Proposal | None" = None
    person: "KeyPerson | None" = None


def values_of(
    client: "Client", subject: Subject, content: TemplateVersion, tongue: Tongue, context: RuleContext
) -> Values:
    """The values of a document that is made in these circumstances."""
    zone = ZoneInfo(context.regulation.time_zone)
    sender = context.employee(context.actor.employee_id)
    values = {
        **_client(client),
        **_deal(subject.deal, tongue),
        **_proposal(subject.proposal, tongue),
        "person.name": (subject.person and subject.person.name) or "",
        "person.position": (subject.person and subject.person.position) or "",
        "sender.name": getattr(sender, "name", None) or "",
        "today": day_written(_day_in(zone, context), tongue),
    }
    lines = subject.proposal.lines if subject.proposal else ()
    questions = [{"number": str(n), "text": each.text} for n, each in enumerate(content.questions, start=1)]
    return Values(values, {"lines": _lines(lines, tongue), "questions": questions})


def _day_in(zone: ZoneInfo, context: RuleContext) -> date:
    return context.occurred_at.astimezone(zone).date()


def _client(client: "Client") -> dict[str, str]:
    card = client.card
    named = ("name", "tax_id", "site", "region", "industry", "preferences")
    return {
        **{f"client.{name}": getattr(card, name) or "" for name in named},
        "client.phones": ", ".join(card.phones),
        "client.emails": ", ".join(card.emails),
        "client.need": client.qualification.need or "",
        **{ATTRIBUTES + name: value for name, value in card.attributes.items()},
    }


def _deal(deal: "Deal | None", tongue: Tongue) -> dict[str, str]:
    if deal is None:
        return {}
    return {
        "deal.title": deal.title or "",
        "deal.amount": amount_written(deal.amount, tongue),
        "deal.currency": deal.currency,
        "deal.close_on": day_written(deal.close_on, tongue),
    }


def _proposal(proposal: "Proposal | None", tongue: Tongue) -> dict[str, str]:
    if proposal is None:
        return {}
    saved = proposal.subtotal - proposal.total
    return {
        "proposal.number": proposal.number,
        "proposal.revision": str(proposal.revision),
        "proposal.list_total": amount_written(proposal.list_total, tongue),
        "proposal.subtotal": amount_written(proposal.subtotal, tongue),
        "proposal.discount": number_written(proposal.discount, tongue) if proposal.discount else "",
        "proposal.saved": amount_written(saved, tongue) if saved else "",
        "proposal.given": amount_written(proposal.given, tongue) if proposal.given else "",
        "proposal.total": amount_written(proposal.total, tongue),
        "proposal.currency": proposal.currency,
        "proposal.valid_until": day_written(proposal.valid_until, tongue),
        "proposal.terms": proposal.terms or "",
    }


def _lines(lines: Sequence[ProposalLine], tongue: Tongue) -> list[Mapping[str, str]]:
    return [
        {
            "number": str(number),
            "article": line.article or "",
            "text": line.text or line.article or "",
            "unit": line.unit or "",
            "quantity": number_written(line.quantity, tongue),
            "list_price": _undercut(line, tongue),
            "price": amount_written(line.price, tongue),
            "discount": number_written(line.discount, tongue) if line.discount else "",
            "amount": amount_written(line.amount, tongue),
        }
        for number, line in enumerate(lines, start=1)
    ]


def _undercut(line: ProposalLine, tongue: Tongue) -> str:
    """The list price, where the line is offered for less."""
    listed = line.list_price
    return amount_written(listed, tongue) if listed is not None and line.price < listed else ""
