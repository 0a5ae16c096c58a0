"""Templates, proposals and pages that tests of documents begin with."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.client.proposal_events import ProposalDrafted, ProposalLine, ProposalSent
from domain.client.proposal_lines import WantedLine
from domain.documents.content import CardField, Question, TemplateVersion
from domain.documents.fields import DocumentKind, Tongue
from domain.documents.filled import Rendered
from domain.documents.template import Template
from domain.types import Step
from tests.domain.facts import DEAL, WITH_DEAL
from tests.spec import CLOSER, at, day, finds

PROPOSAL, TEMPLATE_ID, DOCUMENT = UUID(int=0xFA1), UUID(int=0x7E1), UUID(int=0xD0C)
LINES = (
    ProposalLine(text="Труба 40 мм", unit="т", quantity=Decimal("2.5"), price=Decimal(920)),
    ProposalLine(text="Доставка", price=Decimal(800), discount=Decimal(50)),
)
"""2,300 and 400, without a discount 800."""
WANTED = tuple(WantedLine(**line.model_dump(exclude={"list_price", "price_list"})) for line in LINES)
"""The same, before they were priced."""
BODY = (
    "# Предложение для {{client.name}}\n\n"
    "{{#person}}Уважаемая {{person.name}}!\n\n{{/person}}"
    "{{#lines}}| {{number}} | {{text}} | {{quantity}} {{unit}} | {{amount}} |\n{{/lines}}"
    "Итого {{proposal.total}} {{proposal.currency}} до {{proposal.valid_until}}{{^deal}}, без сделки{{/deal}}"
)
OFFER = Template(
    TEMPLATE_ID,
    2,
    "Offer",
    DocumentKind.PROPOSAL,
    Tongue.RUSSIAN,
    {
        1: TemplateVersion(title="КП", body="{{client.name}}"),
        2: TemplateVersion(title="КП № {{proposal.number}}", body=BODY),
    },
    since=day(0),
)
LETTER = replace(
    OFFER,
    kind=DocumentKind.REMINDER_LETTER,
    versions={1: TemplateVersion(title="Напоминание", body="{{client.name}}, {{deal.title}}, {{today}}")},
)
QUESTIONS = (
    Question(key="industry", text="Чем вы занимаетесь?", field=CardField.INDUSTRY, required=True),
    Question(key="interval", text="Как часто покупаете?", field=CardField.PURCHASE_INTERVAL),
    Question(key="fleet", text="Сколько у вас машин?", attribute="fleet_size"),
    Question(key="wish", text="Чего вам не хватает?"),
)
QUESTIONNAIRE = replace(
    OFFER,
    kind=DocumentKind.QUESTIONNAIRE,
    versions={
        1: TemplateVersion(
            title="Анкета", body="{{#questions}}{{number}}. {{text}}\n{{/questions}}", questions=QUESTIONS
        )
    },
)
RETIRED = replace(OFFER, is_retired=True)
PAGES = Rendered("ab" * 32, 24_675, 1)
HAS_OFFER = finds(OFFER, PAGES)
DRAFTED = ProposalDrafted(
    proposal_id=PROPOSAL,
    revision=1,
    number="1",
    step=Step.FIRST_DEAL,
    deal_id=DEAL,
    title="Pipes",
    lines=LINES,
    discount=Decimal(10),
    subtotal=Decimal(2700),
    total=Decimal(2430),
    list_total=Decimal(3100),
    currency="EUR",
    valid_until=day(20).date(),
    expires_at=day(20).replace(hour=0) + (day(1) - day(0)),
)
"""Holds until the end of the twentieth day, in UTC."""
SENT = ProposalSent(proposal_id=PROPOSAL, revision=1, document_id=DOCUMENT, template_id=TEMPLATE_ID, template_version=2)
WITH_DRAFT = (*WITH_DEAL, at(day(6), DRAFTED, CLOSER))
WITH_SENT: tuple[Any, ...] = (*WITH_DRAFT, at(day(7), SENT, CLOSER))
