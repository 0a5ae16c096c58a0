"""How deals of the made-up firm are bargained: proposals, discounts, what is promised, and what a head agrees to."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from app.demo.books import DISCOUNTS, MINIMUM_MARGIN_PERCENT
from app.demo.firm import DEALS
from app.demo.life import Chapter, Life
from app.demo.offers import Offered, accepted, proposal, refused
from app.demo.talks import talk
from domain.client.approvals import GiveApproval, RefuseApproval, RequestApproval
from domain.client.deal_reasons import LossReason, WinReason
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, WinDeal
from domain.client.obligations import FulfilObligation, UndertakeObligation, WaiveObligation
from domain.client.terms import HUNDRED, HUNDREDTH, Judged, Terms
from domain.kernel import Actor
from domain.regulation.discounts import Buyer, ListPrice

_DISCOUNTS_PERCENT = (0, 0, 0, 3, 5, 8)
_LOSSES, _LOSS_WEIGHTS = tuple(LossReason), (30, 20, 10, 8, 15, 10, 7)
_WINS, _WIN_WEIGHTS = tuple(WinReason), (20, 25, 12, 15, 8, 10, 7, 3)
_PROMISES = ("Train two operators on site", "Deliver within ten days", "Adjust the machine twice a year")


class Won(NamedTuple):
    """A deal that was won, and what it brings."""

    deal_id: UUID
    revenue: Decimal


def deal(life: Life, seller: Actor, title: str, amount: Decimal, *, is_first: bool = False) -> Chapter[Won | None]:
    """A deal from its opening to its end. Beyond the rules nothing is given away but for the first one."""
    opened = OpenDeal(
        title=title,
        amount=amount,
        currency=life.currency,
        probability=life.random.choice((30, 50, 70)),
        close_on=(life.now + timedelta(days=30)).date(),
        occurred_at=life.later(),
    )
    answer = yield life.beat(seller, opened)
    deal_id = UUID(answer["deal_id"])
    offered = (yield from proposal(life, seller, deal_id, amount)) if life.chance(0.35) else None
    yield from talk(life, seller, "Terms and delivery discussed.")
    if life.chance(0.35):
        reason = life.random.choices(_LOSSES, _LOSS_WEIGHTS)[0]
        if offered:
            yield from refused(life, seller, offered, reason)
        yield life.beat(seller, LoseDeal(deal_id=deal_id, reason=reason, occurred_at=life.later(20)))
        return None
    if life.chance(0.3):
        yield life.beat(seller, ChangeDeal(deal_id=deal_id, probability=90, occurred_at=life.later(1)))
    if offered and (yield from accepted(life, seller, offered)):
        return (yield from _won_as_offered(life, seller, deal_id, offered))
    terms = _terms_of_first(life, amount) if is_first else _terms(life, amount)
    is_won = yield from _bargain(life, seller, deal_id, terms)
    return Won(deal_id, terms.revenue) if is_won else None


def _won_as_offered(life: Life, seller: Actor, deal_id: UUID, offered: Offered) -> Chapter[Won]:
    """The deal is what the proposal said; that was within the rules when it was sent."""
    cost = _share(offered.total, life.random.randrange(55, 75))
    yield life.beat(seller, WinDeal(deal_id=deal_id, cost=cost, reason=_reason(life), occurred_at=life.later()))
    return Won(deal_id, offered.total)


def _reason(life: Life) -> WinReason | None:
    return life.random.choices(_WINS, _WIN_WEIGHTS)[0] if life.chance(0.9) else None


def _bargain(life: Life, seller: Actor, deal_id: UUID, terms: Terms) -> Chapter[bool]:
    """The way of an open deal to its win on these terms; whether it is won in the end."""
    obligation: UUID | None = None
    if terms.obligations:
        answer = yield life.beat(seller, _promise(life, deal_id, terms.obligations))
        obligation = UUID(answer["obligation_id"])
    if _needs_approval(life, seller, terms) and not (yield from _approved(life, seller, deal_id, terms)):
        lost = LoseDeal(deal_id=deal_id, reason=LossReason.TERMS, occurred_at=life.later())
        yield life.beat(seller, lost)
        return False
    assert terms.cost is not None
    won = WinDeal(
        deal_id=deal_id,
        revenue=terms.revenue,
        cost=terms.cost,
        discount=terms.discount,
        reason=_reason(life),
        occurred_at=life.later(),
    )
    yield life.beat(seller, won)
    if obligation:
        yield from _kept(life, seller, obligation)
    return True


def _kept(life: Life, seller: Actor, obligation_id: UUID) -> Chapter[None]:
    if life.chance(0.6):
        yield life.beat(seller, FulfilObligation(obligation_id=obligation_id, occurred_at=life.later()))
    elif life.chance(0.15):
        waived = WaiveObligation(
            obligation_id=obligation_id, reason="The client does it itself", occurred_at=life.later()
        )
        yield life.beat(seller, waived)


def _terms(life: Life, price: Decimal) -> Terms:
    discount = _share(price, life.random.choice((0, 0, 3)))
    return Terms(price - discount, discount, _share(price, life.random.randrange(55, 75)), Decimal())


def _terms_of_first(life: Life, price: Decimal) -> Terms:
    discount = _share(price, life.random.choice(_DISCOUNTS_PERCENT))
    promised = _share(price, life.random.randrange(1, 6)) if life.chance(0.3) else Decimal()
    cost = _share(price, life.random.randrange(95, 110) if life.chance(0.03) else life.random.randrange(55, 85))
    return Terms(price - discount, discount, cost, promised)


def _share(price: Decimal, percent: int) -> Decimal:
    return (price * percent / HUNDRED).quantize(HUNDREDTH)


def _promise(life: Life, deal_id: UUID, cost: Decimal) -> UndertakeObligation:
    at = life.later()
    due_at = at + timedelta(days=life.random.randrange(20, 120))
    text = life.random.choice(_PROMISES)
    return UndertakeObligation(deal_id=deal_id, text=text, due_at=due_at, cost=cost, occurred_at=at)


def _needs_approval(life: Life, seller: Actor, terms: Terms) -> bool:
    """By the rules of the made-up firm, for a client that has bought nothing yet."""
    price = ListPrice(terms.revenue + terms.discount, life.currency)
    grounds = DISCOUNTS.grounds(Buyer(life.category, {}), seller.roles, price)
    limit = max((ground.percent for ground in grounds), default=Decimal())
    judged = Judged(terms, MINIMUM_MARGIN_PERCENT, limit)
    return judged.lacks_margin or judged.exceeds_discount


def _approved(life: Life, seller: Actor, deal_id: UUID, terms: Terms) -> Chapter[bool]:
    asked = RequestApproval(
        deal_id=deal_id,
        revenue=terms.revenue,
        discount=terms.discount,
        cost=terms.cost,
        reason="They will buy for years",
        occurred_at=life.later(),
    )
    answer = yield life.beat(seller, asked)
    approval_id = UUID(answer["approval_id"])
    if life.chance(0.12):
        no = RefuseApproval(approval_id=approval_id, reason="Offer the training instead", occurred_at=life.later())
        yield life.beat(life.head(DEALS), no)
        return False
    yes = GiveApproval(approval_id=approval_id, reason="The first deal is worth it", occurred_at=life.later())
    yield life.beat(life.head(DEALS), yes)
    return True
