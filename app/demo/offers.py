"""Proposals of the made-up firm: drafted for a deal, sent by the template, revised, and answered or not."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from app.demo.life import Chapter, Life
from app.demo.papers import PROPOSAL
from domain.client.deal_reasons import LossReason
from domain.client.documents import SendProposal
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposal_events import less
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.employee import SYSTEM
from domain.kernel import Actor
from domain.types import Channel

HOLDS = timedelta(days=30)
_LET_DOWN = Decimal(2)
"""Per cent; everybody may give so much."""
_SERVICE = Actor(SYSTEM, frozenset())


class Offered(NamedTuple):
    """A proposal that waits for its answer: the last day on which it holds, and about what it comes to."""

    id: UUID
    until: date
    total: Decimal


def early_proposal(life: Life, seller: Actor) -> Chapter[None]:
    """A proposal is drafted before there is a deal, and perhaps sent; nobody answers it."""
    answer = yield life.beat(seller, _drafted(life, None, life.purchase))
    if life.chance(0.5):
        yield from _sent(life, seller, UUID(answer["proposal_id"]))


def proposal(life: Life, seller: Actor, deal_id: UUID, amount: Decimal) -> Chapter[Offered]:
    """A proposal is drafted and sent, sometimes revised and sent again."""
    drafted = _drafted(life, deal_id, amount)
    until, total = drafted.valid_until, _total(life, drafted)
    answer = yield life.beat(seller, drafted)
    proposal_id = UUID(answer["proposal_id"])
    yield from _sent(life, seller, proposal_id)
    if life.chance(0.2):
        until = (life.now + HOLDS).date()
        revised = ReviseProposal(
            proposal_id=proposal_id,
            discount=_LET_DOWN,
            valid_until=until,
            comment="As agreed by phone",
            occurred_at=life.later(2),
        )
        yield life.beat(seller, revised)
        yield from _sent(life, seller, proposal_id)
        total = less(total, _LET_DOWN)
    return Offered(proposal_id, until, total)


def _drafted(life: Life, deal_id: UUID | None, amount: Decimal) -> DraftProposal:
    until, at = (life.now + HOLDS).date(), life.later(1)
    return DraftProposal(
        deal_id=deal_id,
        title="Delivery of goods",
        lines=_lines(life, amount),
        currency=life.currency,
        price_list=life.lists.code(life.currency, life.category),
        valid_until=until,
        terms="30 % in advance" if life.chance(0.5) else None,
        occurred_at=at,
    )


def _total(life: Life, drafted: DraftProposal) -> Decimal:
    prices = (line.quantity * _price(life, line.article or "") for line in drafted.lines)
    return sum(prices, Decimal())


def _price(life: Life, article: str) -> Decimal:
    return life.lists.price(article, life.currency, life.now.date(), life.category)


def _lines(life: Life, amount: Decimal) -> tuple[WantedLine, ...]:
    articles = life.assortment[: life.random.randrange(1, 3)]
    return tuple(_line(life, article, amount / len(articles)) for article in articles)


def _line(life: Life, article: str, amount: Decimal) -> WantedLine:
    return WantedLine(article=article, quantity=Decimal(max(1, round(amount / _price(life, article)))))


def _sent(life: Life, seller: Actor, proposal_id: UUID) -> Chapter[None]:
    sent = SendProposal(
        proposal_id=proposal_id,
        template_id=PROPOSAL,
        template_version=2 if life.in_second_half else 1,
        channel=Channel.EMAIL,
        occurred_at=life.later(0.5),
    )
    yield life.beat(seller, sent)


def accepted(life: Life, seller: Actor, offered: Offered) -> Chapter[bool]:
    """The client agrees, if the proposal still holds; whether it does."""
    if _holds(life, offered):
        agreed = AcceptProposal(proposal_id=offered.id, comment="Signed by the director", occurred_at=life.soon())
        yield life.beat(seller, agreed)
        return True
    yield from _expired(life, offered)
    return False


def refused(life: Life, seller: Actor, offered: Offered, reason: LossReason) -> Chapter[None]:
    """The client does not agree, or does not answer until it is too late."""
    if _holds(life, offered) and life.chance(0.6):
        declined = DeclineProposal(proposal_id=offered.id, reason=reason, occurred_at=life.soon())
        yield life.beat(seller, declined)
    else:
        yield from _expired(life, offered)


def _holds(life: Life, offered: Offered) -> bool:
    """Whether an answer that comes soon is in time."""
    return (life.now + timedelta(days=3)).date() <= offered.until


def _expired(life: Life, offered: Offered) -> Chapter[None]:
    over = datetime.combine(offered.until + timedelta(days=1), time(), UTC)
    life.now = max(life.now, over)
    yield life.beat(_SERVICE, ExpireProposal(proposal_id=offered.id, occurred_at=over))
