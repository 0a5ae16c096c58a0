"""What the heads of the made-up firm have written down: norms, rules, scripts, what is looked for."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from app.demo.entry import Entry, named
from app.demo.firm import LEADS, departments
from app.demo.goods import ROUBLES, goods
from app.demo.papers import papers
from app.demo.plans import plans
from app.execute import POLICY, REGULATION, SCRIPT, SEARCH_ASSIGNMENT, TEAM_WORK
from domain.kernel import Command
from domain.playbook import CreateScript, PublishScript, ScriptStep
from domain.policy import POLICY_ID, PublishPolicy
from domain.regulation.categories import (
    CategoryRule,
    CategoryRules,
    CommunicationStandard,
    SetCategoryRules,
    SetCommunicationStandard,
)
from domain.regulation.discounts import DiscountLimit, DiscountRules, LoyaltyTier, SetDiscountRules, VolumeStep
from domain.regulation.margin import SetMinimumMargin
from domain.regulation.norms import DailyNorms, SetNorms
from domain.regulation.response_rules import SetResponseTime
from domain.regulation.state import REGULATION_ID
from domain.search_assignment import CloseSearchAssignment, GiveSearchAssignment
from domain.team_work.commands import StartTeamWork
from domain.team_work.state import TEAM_WORK_ID
from domain.types import Category, Channel, Role, Variant

FIRST_CALL = named("script of the first call")
SEARCHES = {region: named(f"search in {region}") for region in ("Свердловская область", "Yorkshire", "Татарстан")}
"""The search assignments by the region in which is looked."""

_OPENING = ScriptStep(
    key="opening",
    prompt="Introduce yourself and ask who decides on purchases",
    expected_answers=("I do", "The director does", "We need nothing"),
)
_NEED = ScriptStep(key="need", prompt="Ask what is bought, how often and from whom", hints=("Do not name prices yet",))
_OFFER = ScriptStep(key="offer", prompt="Say what we deliver and to whom of the industry")
_NEXT = ScriptStep(key="next_step", prompt="Agree a meeting or a call, with day and hour")
VERSIONS = ((_OPENING, _OFFER, _NEXT), (_OPENING, _NEED, _OFFER, _NEXT))
"""The steps of both versions of the script of the first call."""
MINIMUM_MARGIN_PERCENT = Decimal(18)
DISCOUNTS = DiscountRules(
    limits=(
        DiscountLimit(role=Role.CLOSING_MANAGER, percent=Decimal(3)),
        DiscountLimit(role=Role.CLOSING_MANAGER, category=Category.A, percent=Decimal(5)),
        DiscountLimit(role=Role.ACCOUNT_MANAGER, percent=Decimal(5)),
        DiscountLimit(role=Role.ACCOUNT_MANAGER, category=Category.VIP, percent=Decimal(12)),
        DiscountLimit(role=Role.HEAD, percent=Decimal(15)),
    ),
    volume_steps=tuple(
        VolumeStep(currency=currency, from_amount=Decimal(60_000) / roubles, percent=Decimal(5))
        for currency, roubles in ROUBLES.items()
    ),
    loyalty_tiers=tuple(
        LoyaltyTier(name=name, currency=currency, from_amount=Decimal(amount) / roubles, percent=Decimal(percent))
        for name, amount, percent in (("Silver", 200_000, 6), ("Gold", 500_000, 9))
        for currency, roubles in ROUBLES.items()
    ),
)
_MORE_THAN_THERE_ARE = 400
_CONTACT_EVERY_DAYS = {Category.VIP: 14, Category.A: 30, Category.B: 60, Category.C: 120}


def entries(begin: datetime, span: timedelta, clients: int) -> Iterator[Entry]:
    """Everything that is written down, in order; goods are there for so many clients."""
    for command in (*_norms(begin), *_rules()):
        yield Entry(REGULATION, REGULATION_ID, command)
    yield Entry(POLICY, POLICY_ID, _policy())
    yield Entry(TEAM_WORK, TEAM_WORK_ID, _team())
    first, second = VERSIONS
    yield Entry(
        SCRIPT, FIRST_CALL, CreateScript(name="Demo: first call", step=LEADS, channel=Channel.PHONE, steps=first)
    )
    better = PublishScript(steps=second, note="Asks for the need before it offers")
    yield Entry(SCRIPT, FIRST_CALL, better, span / 2)
    yield from _searches(begin, span)
    yield from papers(span)
    yield from plans(begin, span)
    yield from goods(begin, span, clients)


def _team() -> StartTeamWork:
    sellers = tuple(seller.employee_id for seller in departments()[LEADS].sellers)
    return StartTeamWork(variant=Variant.DEMOCRATIC, step=LEADS, seller_ids=sellers, department="Lead generation")


def _norms(begin: datetime) -> Iterator[SetNorms]:
    caller = DailyNorms(cold_calls=Decimal(4), reached_calls=Decimal("1.5"), meetings=Decimal("0.25"))
    closer = DailyNorms(reached_calls=Decimal(1), meetings=Decimal("0.5"), proposals=Decimal("0.25"))
    for role, norms in ((Role.COLD_CONTACT_MANAGER, caller), (Role.CLOSING_MANAGER, closer)):
        yield SetNorms(role=role, effective_from=begin.date(), norms=norms)


def _rules() -> Iterator[Command]:
    yield SetResponseTime(working_hours=Decimal(8))
    yield SetResponseTime(category=Category.VIP, working_hours=Decimal(2))
    for category, days in _CONTACT_EVERY_DAYS.items():
        yield SetCommunicationStandard(category=category, standard=CommunicationStandard(contact_every_days=days))
    yield SetMinimumMargin(percent=MINIMUM_MARGIN_PERCENT)
    yield SetDiscountRules(rules=DISCOUNTS)
    bought = [(Category.VIP, 1_000_000), (Category.A, 300_000), (Category.B, 50_000)]
    rules = tuple(
        CategoryRule(
            name=f"Bought for {amount:,}",
            category=category,
            realised={currency: Decimal(amount) / roubles for currency, roubles in ROUBLES.items()},
        )
        for category, amount in bought
    )
    yield SetCategoryRules(rules=CategoryRules(rules=rules, default=Category.C))


def _policy() -> PublishPolicy:
    return PublishPolicy(
        target_clients="Demo: works and builders with more than 50 employees",
        vip_clients="Demo: whoever buys for more than 1,000,000 a year",
        rules="Demo: no client without a next step; an inquiry is answered within a working day",
    )


def _searches(begin: datetime, span: timedelta) -> Iterator[Entry]:
    """One for each region, of which the last is overdue; and one that was given up."""
    for nth, (region, stream_id) in enumerate(SEARCHES.items()):
        is_last = nth == len(SEARCHES) - 1
        due_on = (begin + span / 2 if is_last else begin + span).date()
        wanted = _MORE_THAN_THERE_ARE if is_last else 60
        given = GiveSearchAssignment(title=f"Demo: firms in {region}", region=region, wanted=wanted, due_on=due_on)
        yield Entry(SEARCH_ASSIGNMENT, stream_id, given)
    stream_id, due_on = named("search that was given up"), (begin + span / 4).date()
    given = GiveSearchAssignment(title="Demo: shipyards", industry="shipbuilding", wanted=20, due_on=due_on)
    yield Entry(SEARCH_ASSIGNMENT, stream_id, given)
    closed = CloseSearchAssignment(comment="There are none")
    yield Entry(SEARCH_ASSIGNMENT, stream_id, closed, span / 4)
