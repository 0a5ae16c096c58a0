"""The life of one made-up client, as the commands that its sellers would send, one after the other."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from app.demo.bargain import deal
from app.demo.firm import DEALS, LEADS, SERVICE
from app.demo.leads import lead, registration
from app.demo.life import Chapter, Life
from app.demo.talks import contact, inquiry
from app.demo.trade import billed, purchase
from domain.client.archive import ArchiveClient
from domain.client.card import ChangeCard
from domain.client.categories import ApplyCategoryRules, AssignCategory
from domain.client.contacts import Outcome
from domain.client.decisions import RecordDecision
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.qualification import DisqualificationReason, DisqualifyClient
from domain.kernel import Actor
from domain.types import PURCHASES_PER_YEAR, Category

_GIVEN_UP = (DisqualificationReason.PRICE, DisqualificationReason.COMPETITOR, DisqualificationReason.TIMING)
_LONGEST = 40
"""Purchases of one client, at most."""


def story(life: Life) -> Chapter[None]:
    """The whole life; the caller stops listening at the present day."""
    first = life.seller(LEADS)
    yield life.beat(first, registration(life, first))
    seller = yield from lead(life, first)
    if seller is None:
        return
    closer = life.seller(DEALS)
    if not (yield from _handoff(life, seller, closer)):
        return
    if not (yield from _first_deal(life, closer)):
        return
    manager = life.seller(SERVICE)
    if (yield from _handoff(life, closer, manager)):
        yield from _service(life, manager)


def _handoff(life: Life, sender: Actor, receiver: Actor) -> Chapter[bool]:
    offer = OfferHandoff(to_employee_id=receiver.employee_id, occurred_at=life.later())
    handoff_id = UUID((yield life.beat(sender, offer))["handoff_id"])
    happens = life.random.random()
    if happens < 0.04:
        life.now += timedelta(days=9)
        yield life.beat(life.head(LEADS), ExpireHandoff(handoff_id=handoff_id, occurred_at=life.now))
    elif happens < 0.07:
        yield life.beat(sender, WithdrawHandoff(handoff_id=handoff_id, occurred_at=life.soon()))
    elif happens < 0.14:
        reason = life.random.choice((ReturnReason.INCOMPLETE, ReturnReason.NOT_READY))
        back = ReturnHandoff(handoff_id=handoff_id, reason=reason, occurred_at=life.soon())
        yield life.beat(receiver, back)
        if life.chance(0.3):
            return False
    if happens < 0.14:
        again = offer.model_copy(update={"occurred_at": life.later()})
        handoff_id = UUID((yield life.beat(sender, again))["handoff_id"])
    yield life.beat(receiver, AcceptHandoff(handoff_id=handoff_id, occurred_at=life.soon()))
    return True


def _first_deal(life: Life, closer: Actor) -> Chapter[bool]:
    yield life.beat(closer, contact(life, Outcome.MEETING_AGREED, "Meeting at the client's office agreed."))
    won = yield from deal(life, closer, "First delivery", life.purchase, is_first=True)
    if won:
        if life.chance(0.5):
            yield from billed(life, closer, won.revenue, deal_id=won.deal_id)
        return True
    if life.chance(0.7):
        given_up = DisqualifyClient(reason=life.random.choice(_GIVEN_UP), occurred_at=life.later())
        yield life.beat(closer, given_up)
    return False


def _service(life: Life, manager: Actor) -> Chapter[None]:
    yield from _plan(life, manager)
    if life.chance(0.2):
        decision = RecordDecision(text="Deliver on account for 30 days", basis="Good record", occurred_at=life.later())
        yield life.beat(life.head(SERVICE), decision)
    pause = 365 / PURCHASES_PER_YEAR[life.interval]
    for nth in range(_LONGEST):
        begun = life.now
        if nth == 1 and life.chance(0.25):
            yield from _contract(life, manager)
        else:
            yield from purchase(life, manager)
        yield from _after_sale(life, manager)
        if life.chance(life.faithlessness):
            break
        life.now = max(life.now, begun + timedelta(days=pause * life.random.gammavariate(2, 0.5)))
    life.now += timedelta(days=4 * pause)
    if life.chance(0.5):
        yield life.beat(manager, ArchiveClient(reason="No purchases any more", occurred_at=life.now))


def _plan(life: Life, manager: Actor) -> Chapter[None]:
    """The card is completed, and the client gets its category: by a person or by the rules."""
    said, known = life.chance(0.4), life.category
    if said:
        life.category = life.random.choices(tuple(Category), (10, 20, 40, 30))[0]
    plan = ChangeCard(
        purchase_interval=life.interval,
        expected_purchase=life.purchase,
        currency=life.currency,
        retention_years=Decimal(life.random.randrange(2, 7)),
        occurred_at=life.later(),
    )
    yield life.beat(manager, plan.model_copy(update={"category": life.category}) if said else plan)
    if not said and known is None:
        yield life.beat(life.head(SERVICE), ApplyCategoryRules(occurred_at=life.later(1)))
        if life.chance(0.05):
            life.category = Category.VIP
            above = AssignCategory(
                category=Category.VIP, reason="Opens the door to the whole group", occurred_at=life.later()
            )
            yield life.beat(life.head(SERVICE), above)


def _contract(life: Life, manager: Actor) -> Chapter[None]:
    """A larger deal with a client that buys already, and the first order of it."""
    won = yield from deal(life, manager, "Deliveries for a year", life.purchase * 4)
    if won:
        yield from purchase(life, manager, won.deal_id)


def _after_sale(life: Life, manager: Actor) -> Chapter[None]:
    if life.chance(0.5):
        yield life.beat(manager, contact(life, Outcome.REACHED, "Asked how the delivery went."))
    if life.chance(0.1):
        yield from inquiry(life, manager)
