"""What the service does by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from app.execute import CLIENT, EMPLOYEE, REGULATION, Call
from app.services import Services
from app.worker import expire_exchanges, expire_offers, renew_promises
from domain.catalogue.codes import stock_id
from domain.client.exchange_events import ExchangeOffered
from domain.client.exchanges import OfferExchange
from domain.client.handoff_events import HandoffOffered
from domain.client.handoff_offer import OfferHandoff
from domain.client.qualification import QualifyClient
from domain.client.registration import RegisterClient
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.regulation.state import REGULATION_ID
from domain.regulation.step_rules import SetStepRules, StepRules
from domain.stock.events import ArrivalExpected, PromisedSlice, PromiseMoved, StockReserved
from domain.types import Step
from tests.app.appending import append_of

HEAD = Actor(SYSTEM, frozenset({"head"}))


async def offered(services: Services, days_ago: int) -> tuple[UUID, int]:
    """A client offered to the first deal so many days ago, and the position of the offer."""
    client_id, then = uuid4(), datetime.now(UTC) - timedelta(days=days_ago)
    position = 0
    for command in (
        RegisterClient(name="Northern Steel", origin="cold_base", occurred_at=then),
        QualifyClient(need="Steel", occurred_at=then),
        OfferHandoff(occurred_at=then),
    ):
        outcome = await services.executor.execute(CLIENT, client_id, command, Call(HEAD, uuid4()))
        position = outcome.answer["position"]
    return client_id, position


async def test_offers_expire_when_their_time_is_over(services: Services) -> None:
    lenient = SetStepRules(step=Step.LEAD_GENERATION, rules=StepRules(qualification_criteria=()))
    await services.executor.execute(REGULATION, REGULATION_ID, lenient, Call(HEAD, uuid4()))
    old, _ = await offered(services, days_ago=20)
    new, position = await offered(services, days_ago=0)
    assert await services.projector.wait_for(["handoffs"], position, 5)
    assert await expire_offers(services.engine, services.executor) == 1
    topics = {client: [item.event.topic for item in await services.store.read_stream(client)] for client in (old, new)}
    assert topics[old][-1] == "handoffs.expired"
    assert topics[new][-1] == "handoffs.offered"
    *_, offer, last = await services.store.read_stream(old)
    assert last.actor == SYSTEM
    assert isinstance(offer.event, HandoffOffered)
    assert last.occurred_at == offer.event.expires_at


async def test_a_lead_on_offer_to_colleagues_expires_when_its_time_is_over(services: Services) -> None:
    then = datetime.now(UTC) - timedelta(days=20)
    seller = employee_id("seller")
    hired = RegisterEmployee(code="seller", name="Seller", steps=frozenset({Step.LEAD_GENERATION}), occurred_at=then)
    await services.executor.execute(EMPLOYEE, seller, hired, Call(HEAD, uuid4()))
    lead, position = uuid4(), 0
    for command in (
        RegisterClient(name="Northern Steel", origin="cold_base", owner_id=seller, occurred_at=then),
        OfferExchange(occurred_at=then),
    ):
        outcome = await services.executor.execute(CLIENT, lead, command, Call(HEAD, uuid4()))
        position = outcome.answer["position"]
    assert await services.projector.wait_for(["team_leads"], position, 5)
    assert await expire_exchanges(services.engine, services.executor) == 1
    *_, offer, last = await services.store.read_stream(lead)
    assert (last.event.topic, last.actor) == ("exchanges.expired", SYSTEM)
    assert isinstance(offer.event, ExchangeOffered)
    assert last.occurred_at == offer.event.expires_at


async def test_what_is_promised_for_a_day_that_has_passed_is_promised_anew(services: Services) -> None:
    article, order, past = "BROOM", UUID(int=1), datetime.now(UTC).date() - timedelta(days=3)
    arrival = ArrivalExpected(
        arrival_id=UUID(int=2), article=article, warehouse="main", quantity=Decimal(5), expected_on=past
    )
    promised = PromisedSlice(line=1, warehouse="main", quantity=Decimal(5), promised_on=past)
    reserved = StockReserved(article=article, order_id=order, client_id=UUID(int=3), slices=(promised,))
    stored = await services.store.append(append_of(stock_id(article), arrival, reserved))
    assert await services.projector.wait_for(["promises"], stored.position, 5)
    assert await renew_promises(services.engine, services.executor, services.directory) == 1
    *_, last = await services.store.read_stream(stock_id(article))
    assert isinstance(last.event, PromiseMoved)
    assert [(part.undated, part.quantity) for part in last.event.slices] == [(True, 5)]
    assert await services.projector.wait_for(["promises"], last.position, 5)
    assert await renew_promises(services.engine, services.executor, services.directory) == 0
