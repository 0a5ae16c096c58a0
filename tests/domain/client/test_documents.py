"""Documents that are made by a template and sent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from domain.client.deal_reasons import LossReason
from domain.client.documents import DocumentSent, SendDocument, SendProposal
from domain.client.proposal_events import ProposalAccepted, ProposalDeclined, ProposalSent
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.documents.content import TemplateVersion
from domain.documents.fields import DocumentKind
from domain.documents.filled import NotRendered, Rendered
from domain.kernel import Command
from domain.types import Channel, Step
from tests.domain.facts import DEAL, IN_FIRST_DEAL, PERSON, REGISTERED, WITH_DEAL
from tests.domain.papers import (
    DRAFTED,
    HAS_OFFER,
    LETTER,
    LINES,
    OFFER,
    PAGES,
    PROPOSAL,
    QUESTIONNAIRE,
    RETIRED,
    TEMPLATE_ID,
    WITH_DRAFT,
    WITH_SENT,
)
from tests.spec import CLOSER, Refusal, at, day, finds, given, new, refusal

SEND = SendProposal(proposal_id=PROPOSAL, template_id=TEMPLATE_ID, channel=Channel.EMAIL).model_copy(
    update={"occurred_at": day(7)}
)
REMIND = SendDocument(template_id=TEMPLATE_ID, deal_id=DEAL, key_person_id=PERSON)
HAS_LETTER = finds(LETTER, PAGES)
GIVEN_UP = ClientDisqualified(step=Step.FIRST_DEAL, reason=DisqualificationReason.PRICE)
ACCEPTED = ProposalAccepted(proposal_id=PROPOSAL, revision=1)
DECLINED = ProposalDeclined(proposal_id=PROPOSAL, revision=1, reason=LossReason.PRICE)
ENDLESS = replace(OFFER, versions={1: TemplateVersion(title="x", body="{{#lines}}" + "x" * 49_000 + "{{/lines}}")})
MANY = (*WITH_DEAL, at(day(6), DRAFTED.model_copy(update={"lines": LINES * 2}), CLOSER))


def changed(command: Command, **fields: object) -> Command:
    return command.model_copy(update=fields)


REFUSALS = [
    *[
        row
        for command, fitting, other, history in (
            (SEND, OFFER, LETTER, WITH_DRAFT),
            (REMIND, LETTER, OFFER, WITH_DEAL),
        )
        for row in (
            refusal("unknown_template", given(*history), command, {"id": TEMPLATE_ID}),
            refusal("template_retired", given(*history), command, known=finds(RETIRED)),
            refusal("template_of_another_kind", given(*history), command, {"kind": other.kind}, known=finds(other)),
            refusal(
                "unknown_template_version",
                given(*history),
                changed(command, template_version=9),
                {"latest": fitting.latest},
                known=finds(fitting),
            ),
            refusal(
                "unknown_key_person", given(*history), changed(command, key_person_id=new(5)), known=finds(fitting)
            ),
            refusal(
                "document_too_long",
                given(*history),
                command,
                {"pages": 99, "most_pages": 60},
                known=finds(fitting, Rendered("0" * 64, 1, 99)),
            ),
            refusal("before_its_cause", given(*history), changed(command, occurred_at=day(4.5)), known=HAS_OFFER)
            if command is SEND
            else refusal("before_its_cause", given(*history), changed(command, occurred_at=day(4.5)), known=HAS_LETTER),
        )
    ],
    refusal("document_too_long", given(*MANY), SEND, {"most_characters": 60_000}, known=finds(ENDLESS)),
    refusal("unknown_deal", given(*IN_FIRST_DEAL), REMIND, known=HAS_LETTER),
    refusal("unknown_proposal", given(*WITH_DEAL), SEND, known=HAS_OFFER),
    refusal("proposal_accepted", given(*WITH_SENT, at(day(8), ACCEPTED)), changed(SEND, occurred_at=None)),
    refusal("proposal_declined", given(*WITH_SENT, at(day(8), DECLINED)), changed(SEND, occurred_at=None)),
    refusal("proposal_expired", given(*WITH_DRAFT), changed(SEND, occurred_at=None), known=HAS_OFFER),
    refusal("client_disqualified", given(*WITH_DRAFT, GIVEN_UP), SEND, known=HAS_OFFER),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_proposal_is_sent_as_the_document_that_was_made() -> None:
    document = DocumentSent(
        document_id=new(1),
        kind=DocumentKind.PROPOSAL,
        title="КП № 1",
        template_id=TEMPLATE_ID,
        template_version=2,
        content_hash=PAGES.content_hash,
        size=PAGES.size,
        pages=1,
        deal_id=DEAL,
        proposal_id=PROPOSAL,
        channel=Channel.EMAIL,
    )
    sent = ProposalSent(
        proposal_id=PROPOSAL,
        revision=1,
        document_id=new(1),
        template_id=TEMPLATE_ID,
        template_version=2,
        channel=Channel.EMAIL,
    )
    client = given(*WITH_DRAFT).when(SEND, known=HAS_OFFER).then(document, sent)
    assert client.proposals.by_id[PROPOSAL].state == "sent"


def test_what_was_sent_can_be_sent_again() -> None:
    assert len(given(*WITH_SENT).when(changed(SEND, occurred_at=day(8)), known=HAS_OFFER).events()) == 2


def test_a_document_is_filled_from_the_client_the_deal_and_the_proposal() -> None:
    with pytest.raises(NotRendered) as raised:
        given(*WITH_DRAFT).when(changed(SEND, key_person_id=PERSON), known=finds(OFFER)).events()
    filled = raised.value.filled
    assert filled.title == "КП № 1"
    assert filled.text == (
        "# Предложение для Steelworks\n\nУважаемая Anna Petrova!\n\n"
        "| 1 | Труба 40 мм | 2,5 т | 2\N{NO-BREAK SPACE}300,00 |\n| 2 | Доставка | 1  | 400,00 |\n"
        "Итого 2\N{NO-BREAK SPACE}430,00 EUR до 22.03.2026"
    )


def test_an_older_version_can_be_asked_for() -> None:
    with pytest.raises(NotRendered) as raised:
        given(*WITH_DRAFT).when(changed(SEND, template_version=1), known=finds(OFFER)).events()
    assert raised.value.filled.text == "Steelworks"


def test_a_letter_for_a_deal_at_the_day_it_is_sent() -> None:
    with pytest.raises(NotRendered) as raised:
        given(*WITH_DEAL).when(changed(REMIND, occurred_at=day(10)), known=finds(LETTER)).events()
    assert raised.value.filled.text == "Steelworks, Pipes, 12.03.2026"


def test_a_questionnaire_has_its_questions() -> None:
    ask = SendDocument(template_id=TEMPLATE_ID)
    with pytest.raises(NotRendered) as raised:
        given(REGISTERED).when(ask, known=finds(QUESTIONNAIRE)).events()
    assert raised.value.filled.text.startswith("1. Чем вы занимаетесь?\n2. ")


def test_the_amount_of_the_deal_is_written_as_the_template_writes() -> None:
    english = replace(LETTER, versions={1: TemplateVersion(title="x", body="{{deal.amount}} {{deal.currency}}")})
    with pytest.raises(NotRendered) as raised:
        given(*WITH_DEAL).when(REMIND, known=finds(english)).events()
    assert raised.value.filled.text == "1\N{NO-BREAK SPACE}000,00 EUR"
    assert given(*WITH_DEAL).state.deals.by_id[DEAL].amount == Decimal(1000)
