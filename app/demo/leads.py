"""How a made-up client becomes a lead, is called, perhaps goes to a colleague, and is qualified or given up."""

from uuid import UUID

from app.demo.books import SEARCHES
from app.demo.firm import LEADS
from app.demo.life import Chapter, Life
from app.demo.offers import early_proposal
from app.demo.papers import QUESTIONNAIRE
from app.demo.talks import first_call, inquiry, key_person, talk
from app.demo.words import ORIGIN_WEIGHTS, SIZES
from domain.client.contacts import Outcome
from domain.client.exchanges import AcceptExchange, DeclineExchange, OfferExchange, WithdrawExchange
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient
from domain.client.questionnaires import AnswerQuestionnaire
from domain.client.registration import RegisterClient
from domain.kernel import Actor
from domain.types import Category

_MISSES = (Outcome.NO_ANSWER, Outcome.GATEKEEPER, Outcome.WRONG_CONTACT)
_LOSSES = (DisqualificationReason.NO_CONTACT, DisqualificationReason.NO_NEED, DisqualificationReason.NOT_A_TARGET)


def registration(life: Life, seller: Actor) -> RegisterClient:
    """The client becomes known."""
    tongue, random = life.tongue, life.random
    name = tongue.firm_pattern.format(
        head=random.choice(tongue.firm_heads), tail=random.choice(tongue.firm_tails), number=life.number
    )
    region = random.choice(tongue.regions)
    size, employees = random.choice(tuple(SIZES.items()))
    if life.chance(0.2):
        life.category = random.choices((Category.A, Category.B, Category.C), (20, 40, 40))[0]
    return RegisterClient(
        name=name,
        origin=random.choices(tuple(ORIGIN_WEIGHTS), tuple(ORIGIN_WEIGHTS.values()))[0],
        external_id=f"demo-{life.number:05}",
        industry=life.industry,
        region=region,
        size=size,
        turnover=life.purchase * random.randrange(20, 60) * employees,
        currency=life.currency,
        category=life.category,
        search_assignment_id=SEARCHES.get(region) if life.chance(0.3) else None,
        phones=(f"{tongue.phone_prefix}{life.number % 10_000:04}",),
        emails=(f"office{life.number}@example.com",),
        owner_id=seller.employee_id,
        occurred_at=life.now,
    )


def lead(life: Life, seller: Actor) -> Chapter[Actor | None]:
    """The work on the lead; returns who has qualified it, None where nobody did."""
    for _ in range(life.random.choices((0, 1, 2, 4), (40, 30, 20, 10))[0]):
        yield life.beat(seller, first_call(life, life.random.choice(_MISSES)))
    if life.chance(0.25):
        return None
    if life.chance(0.2):
        yield from inquiry(life, seller)
    if life.chance(0.08):
        seller = yield from _exchange(life, seller)
    answer = yield life.beat(seller, key_person(life))
    person = UUID(answer["key_person_id"])
    yield from talk(life, seller, "Spoke about needs and terms.", person)
    if life.chance(0.1):
        yield life.beat(seller, _questionnaire(life, person))
    if life.chance(0.04):
        yield from early_proposal(life, seller)
    if life.chance(0.4):
        given_up = DisqualifyClient(reason=life.random.choice(_LOSSES), occurred_at=life.later())
        yield life.beat(seller, given_up)
        return None
    yield life.beat(seller, QualifyClient(need="Regular deliveries", occurred_at=life.later()))
    return seller


def _exchange(life: Life, seller: Actor) -> Chapter[Actor]:
    """The lead is offered to a colleague or to all; returns who works it then."""
    colleague = life.colleague(seller, LEADS)
    to_one = colleague.employee_id if life.chance(0.5) else None
    offer = OfferExchange(to_employee_id=to_one, comment="He wants numbers, not talk", occurred_at=life.later())
    answer = yield life.beat(seller, offer)
    exchange_id, happens = UUID(answer["exchange_id"]), life.random.random()
    if happens < 0.5:
        yield life.beat(colleague, AcceptExchange(exchange_id=exchange_id, occurred_at=life.soon()))
        return colleague
    if happens < 0.75:
        declined = DeclineExchange(exchange_id=exchange_id, comment="He knows me", occurred_at=life.soon())
        yield life.beat(colleague, declined)
    elif happens < 0.85:
        yield life.beat(seller, WithdrawExchange(exchange_id=exchange_id, occurred_at=life.later()))
    return seller


def _questionnaire(life: Life, person: UUID) -> AnswerQuestionnaire:
    answers = {"industry": life.industry, "interval": life.interval.value, "wishes": "Short delivery times"}
    return AnswerQuestionnaire(
        template_id=QUESTIONNAIRE, key_person_id=person, answers=answers, occurred_at=life.later()
    )
