"""The client's card in one call, now or as it stood."""

from datetime import UTC, datetime
from functools import reduce
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.absorbed import absorbed_by
from app.api import history
from app.api.caller import Reader, services_of
from app.api.card_assignment_body import assignment_bodies
from app.api.card_body import (
    CardBody,
    CardHandoffBody,
    CardInquiryBody,
    CardObligationBody,
    CardProposalBody,
    CategoryBasisBody,
    ContactBody,
    CountsBody,
    JudgementBody,
    KeyPersonBody,
    TaskBody,
    WaitingOfferBody,
)
from app.api.card_trade_body import trade_bodies
from app.api.documented import problems_documented
from app.api.people import employee_ref, optional_ref
from app.api.reading import After, AsOf, At, past, wait_for
from app.auth import authorize
from app.problems import Problem
from app.services import Services
from domain.client.card import CARD_FIELDS
from domain.regulation.state import REGULATION_ID, Regulation
from domain.types import Step
from projections.card import CardView, ClientCard, card_of, read_absorbed, read_card
from projections.card_agreements import CardObligation
from projections.card_trade import Trade
from projections.card_work import CardContact, CardTask, Judgement, WaitingOffer

router = APIRouter(tags=["Clients: views"])


@router.get("/clients/{client_id}", responses=problems_documented({404: ["unknown_client"]}, "view_behind"))
async def read_client(
    request: Request,
    response: Response,
    actor: Reader,
    client_id: UUID,
    after: After = None,
    as_of: AsOf = None,
    at: At = None,
) -> CardBody:
    """The card of a client. Its ETag is there unless the past was asked for."""
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (CardView.name,), after)
    moments = history.Moments(past("as_of", as_of), past("at", at))
    card = await (_past_card(services, client_id, moments) if any(moments) else _present_card(services, client_id))
    if card is None:
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    if not any(moments):
        response.headers["ETag"] = f'"{card.version}"'
    whole = await _whole_trade(services, card, moments)
    regulation = await _regulation(services, moments)
    return _body(card, whole, services, regulation, moments.at or moments.as_of or datetime.now(UTC))


async def _regulation(services: Services, moments: "history.Moments") -> Regulation:
    """The regulation as it is, or as it was."""
    if not any(moments):
        return services.directory.regulation
    regulation = Regulation()
    for recorded in await services.store.read_stream(REGULATION_ID):
        if moments.include(recorded):
            regulation = regulation.evolve(recorded)
    return regulation


async def _present_card(services: Services, client_id: UUID) -> ClientCard | None:
    """From the view; a client that is so new that the view does not have it yet, from its events."""
    async with services.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        card = await read_card(connection, client_id)
    return card or await _past_card(services, client_id, history.Moments())


async def _past_card(services: Services, client_id: UUID, moments: "history.Moments") -> ClientCard | None:
    events = await services.store.read_stream(client_id)
    return card_of(client_id, [recorded for recorded in events if moments.include(recorded)])


async def _whole_trade(services: Services, card: ClientCard, moments: "history.Moments") -> Trade:
    """With what the clients brought that this one stands for; most stand for none."""
    if not card.merging.absorbed:
        return card.trade
    absorbed = await (_past_absorbed(services, card, moments) if any(moments) else _present_absorbed(services, card))
    return reduce(lambda trade, other: trade.with_brought(other.trade), absorbed, card.trade)


async def _present_absorbed(services: Services, card: ClientCard) -> list[ClientCard]:
    """From the view: it has read all of them by the time it has read of the merge."""
    async with services.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        return await read_absorbed(connection, card)


async def _past_absorbed(services: Services, card: ClientCard, moments: "history.Moments") -> list[ClientCard]:
    others = await absorbed_by(services, card.id, moments.include)
    cards = [await _past_card(services, other_id, moments) for other_id in others]
    return [other for other in cards if other]


def _body(card: ClientCard, whole: Trade, services: Services, regulation: Regulation, now: datetime) -> CardBody:
    place, next_step = card.place, card.tasks.next_of(card.place.owner)
    values: dict[str, Any] = {name: getattr(card.card, name) for name in CARD_FIELDS}
    return CardBody(
        id=card.id,
        version=card.version,
        registered_at=card.registration.registered_at,  # pyright: ignore[reportArgumentType]
        external_id=card.registration.external_id,
        category_basis=CategoryBasisBody.model_validate(card.category_basis),
        status=place.status,
        merged_into=place.standing.merged_into,
        step=Step(place.step),
        step_since=place.since,  # pyright: ignore[reportArgumentType]
        owner=optional_ref(services, place.owner),
        owners={Step(step): employee_ref(services, owner) for step, owner in place.owners.items()},
        need=card.judgements.need,
        **_judgements(card, services),
        next_step=_task(next_step, services) if next_step else None,
        tasks=[_task(task, services) for task in card.tasks.by_due()],
        inquiries=[CardInquiryBody.model_validate(inquiry) for inquiry in card.inquiries.by_due()],
        obligations=[_obligation(owed, services, now) for owed in card.owed],
        **assignment_bodies(card, services),
        handoff=_offer(card.offers.waiting, services),
        handoffs=[CardHandoffBody.model_validate(offer) for offer in card.offers.last],
        contacts=[_contact(contact, services) for contact in card.contacts.last],
        key_persons=[KeyPersonBody.model_validate(person) for person in card.people.by_id.values()],
        proposals=[CardProposalBody.model_validate(each) for each in card.proposals.by_validity()],
        **trade_bodies(card, whole, regulation),
        dormant_from=card._replace(trade=whole).dormant_from,
        counts=_counts(card, whole),
        **values,
    )


def _judgements(card: ClientCard, services: Services) -> dict[str, JudgementBody | None]:
    judgements, standing = card.judgements, card.place.standing
    return {
        "qualification": _judgement(judgements.qualified, services),
        "disqualification": _judgement(judgements.disqualified, services) if standing.disqualified else None,
        "archiving": _judgement(judgements.archived, services) if standing.archived else None,
    }


def _judgement(judgement: Judgement | None, services: Services) -> JudgementBody | None:
    if judgement is None:
        return None
    by = employee_ref(services, judgement.by)
    return JudgementBody(at=judgement.at, by=by, reason=judgement.reason, comment=judgement.comment)


def _task(task: CardTask, services: Services) -> TaskBody:
    return TaskBody(id=task.id, text=task.text, due_at=task.due_at, employee=employee_ref(services, task.employee_id))


def _obligation(owed: CardObligation, services: Services, now: datetime) -> CardObligationBody:
    employee = employee_ref(services, owed.employee_id)
    return CardObligationBody(**owed._asdict(), employee=employee, breached=owed.due_at < now)


def _contact(contact: CardContact, services: Services) -> ContactBody:
    return ContactBody(**contact._asdict(), employee=employee_ref(services, contact.employee_id))


def _offer(offer: WaitingOffer | None, services: Services) -> WaitingOfferBody | None:
    if offer is None:
        return None
    return WaitingOfferBody(
        **offer._asdict(),
        from_employee=employee_ref(services, offer.from_employee_id),
        to_employee=optional_ref(services, offer.to_employee_id),
    )


def _counts(card: ClientCard, whole: Trade) -> CountsBody:
    return CountsBody(
        contacts=card.contacts.total,
        key_persons=len(card.people.by_id),
        open_inquiries=len(card.inquiries.by_id),
        open_tasks=len(card.tasks.by_id),
        open_obligations=len(card.owed),
        handoffs=card.offers.total,
        open_deals=len(card.trade.open_deals),
        won_deals=sum(money.won for money in whole.money.values()),
        orders=sum(money.orders for money in whole.money.values()),
    )


router.include_router(history.router)
