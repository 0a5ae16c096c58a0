"""The firm of the random histories: its employees, rules and clients."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from domain.client.duplicates import OtherClient
from domain.documents.content import CardField, Question, TemplateVersion
from domain.documents.fields import DocumentKind
from domain.documents.filled import Rendered
from domain.documents.template import Template
from domain.employee import Employee, employee_id
from domain.playbook import Script, ScriptStep
from domain.regulation.categories import CategoryRule, CategoryRules
from domain.regulation.discounts import DiscountLimit, DiscountRules
from domain.regulation.state import Regulation
from domain.team_work.state import TEAM_WORK_ID, Team, TeamWork
from domain.types import STEPS, Category, Step, Variant
from tests.spec import START

CODES = ("anna", "boris", "clara")
STAFF = {employee_id(code): Employee(employee_id(code), 1, START, code, code, steps=frozenset(STEPS)) for code in CODES}
NOBODY = UUID(int=0)
SCRIPT = Script(
    UUID(int=0x5C), versions={1: tuple(ScriptStep(key=key, prompt=key) for key in ("opening", "need", "next_step"))}
)
TEAM = Team(
    UUID(int=0x7EA), Variant.DEMOCRATIC, Step.LEAD_GENERATION, tuple(STAFF)[:2], employee_id("clara"), START, START
)
TEAMS = TeamWork(TEAM_WORK_ID, 1, {TEAM.id: TEAM})
IDS = UUID(int=0xFACE)
RULES = Regulation(
    category_rules=CategoryRules(
        rules=(CategoryRule(name="Bought", category=Category.A, realised={"EUR": Decimal(500)}),), default=Category.C
    ),
    minimum_margin_percent=Decimal(1),
    discount_rules=DiscountRules(limits=(DiscountLimit(percent=Decimal(5)),)),
)


def client_id(number: int) -> UUID:
    """The id of client `number`."""
    return uuid5(IDS, str(number))


OFFER, LETTER, QUESTIONNAIRE = UUID(int=0x7E1), UUID(int=0x7E2), UUID(int=0x7E3)
TEMPLATES = {
    OFFER: Template(
        OFFER, versions={1: TemplateVersion(title="Offer", body="a"), 2: TemplateVersion(title="Offer", body="b")}
    ),
    LETTER: Template(
        LETTER, kind=DocumentKind.REMINDER_LETTER, versions={1: TemplateVersion(title="Letter", body="{{today}}")}
    ),
    QUESTIONNAIRE: Template(
        QUESTIONNAIRE,
        kind=DocumentKind.QUESTIONNAIRE,
        versions={
            1: TemplateVersion(
                title="Questions",
                body="a",
                questions=(Question(key="industry", text="What do you make?", field=CardField.INDUSTRY),),
            )
        },
    ),
}
PAGES = Rendered("ab" * 32, 1_000, 1)


def known(kind: type[Any], key: UUID, /) -> Any:
    """What a command may refer to, by its id."""
    if kind is Template:
        return TEMPLATES.get(key)
    if kind is Rendered:
        return PAGES
    if kind is Script:
        return SCRIPT
    if kind is TeamWork:
        return TEAMS
    return OtherClient(key, START) if kind is OtherClient else None


def pick(ids: Iterable[UUID], choice: int) -> UUID:
    """One of the ids, or nobody's where there are none."""
    listed = list(ids)
    return listed[choice % len(listed)] if listed else NOBODY


def choose(values: Any, choice: int) -> Any:
    """One of the values."""
    listed = list(values)
    return listed[choice % len(listed)]
