"""The rules that hold for every command on a client, and the client as a whole."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.client.archive import ClientArchived, RestoreClient
from domain.client.merging import ClientMerged, ReleaseClient, UnmergeClient
from domain.client.order_events import OrderPlaced
from domain.client.owners import OWNERS
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.client.registration import ClientRegistered, RegisterClient
from domain.client.state import ADVANCING, COMMON_REFUSALS, Client
from domain.kernel import Command, Event, Refused
from domain.types import PURCHASES_PER_YEAR, PurchaseInterval, Step
from tests.domain.examples import CLIENT_COMMANDS, EVENTS
from tests.domain.facts import IN_SERVICE, ORDER, REGISTERED
from tests.spec import CLIENT_ID, NOW, at, day, given, new

OTHER_STREAMS = frozenset(
    {"distribution", "employees", "policy", "predictions", "regulation", "client_keys", "scripts", "search_assignments"}
    | {"team_work", "templates"}
    | {"products", "articles", "price_lists", "warehouses", "stock"}
)
ON_A_CLIENT = [command for command in CLIENT_COMMANDS if not isinstance(command, RegisterClient)]
GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
ARCHIVED = ClientArchived(step=Step.LEAD_GENERATION)


def name_of(command: Command) -> str:
    return type(command).__name__


def code_of(command: Command, *history: Event) -> str:
    """Why the command is refused after this history; empty when it is not."""
    try:
        given(*history).when(command).events()
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("command", CLIENT_COMMANDS, ids=name_of)
def test_nothing_happens_in_the_future(command: Command) -> None:
    later = command.model_copy(update={"occurred_at": day(100.001)})
    given(REGISTERED).when(later).refused("in_future", now=NOW, occurred_at=day(100.001))


@pytest.mark.parametrize("command", ON_A_CLIENT, ids=name_of)
def test_nothing_happens_to_an_unknown_client(command: Command) -> None:
    given().when(command).refused("unknown_client", id=CLIENT_ID)


@pytest.mark.parametrize("command", ON_A_CLIENT, ids=name_of)
def test_nothing_happens_before_registration(command: Command) -> None:
    earlier = command.model_copy(update={"occurred_at": day(-0.001)})
    given(REGISTERED).when(earlier).refused("before_registration", registered_at=day(0))


@pytest.mark.parametrize("command", ON_A_CLIENT, ids=name_of)
def test_an_archived_client_can_only_be_restored(command: Command) -> None:
    refused = code_of(command, REGISTERED, ARCHIVED) == "client_archived"
    assert refused is not isinstance(command, (RestoreClient, ReleaseClient))


@pytest.mark.parametrize("command", ON_A_CLIENT, ids=name_of)
def test_a_merged_client_can_only_be_parted(command: Command) -> None:
    merged = ClientMerged(into_id=new(1))
    refused = code_of(command, REGISTERED, merged) == "client_merged"
    assert refused is not isinstance(command, (UnmergeClient, ReleaseClient))


@pytest.mark.parametrize("command", ON_A_CLIENT, ids=name_of)
def test_a_client_given_up_goes_nowhere_but_what_happens_to_it_is_recorded(command: Command) -> None:
    refused = code_of(command, REGISTERED, GIVEN_UP) == "client_disqualified"
    assert refused is isinstance(command, ADVANCING)
    assert refused is ("client_disqualified" in type(command).refusals)


def test_common_refusals_are_not_repeated() -> None:
    assert not [name_of(command) for command in CLIENT_COMMANDS if set(command.refusals) & set(COMMON_REFUSALS)]


def test_every_event_of_the_client_has_its_owners() -> None:
    own = {event for topic, event in EVENTS.items() if topic.split(".")[0] not in OTHER_STREAMS}
    assert own == set(OWNERS)


def test_owners_are_parts_of_the_client() -> None:
    assert {part for parts in OWNERS.values() for part in parts} <= set(Client._fields)


def test_the_owner_is_whoever_works_the_present_step() -> None:
    client = given(*IN_SERVICE).state
    assert client.owner == client.assignment.employees[Step.ACCOUNT_SERVICE]


@pytest.mark.parametrize("interval", PurchaseInterval)
def test_dormant_after_twice_the_purchase_interval(interval: PurchaseInterval) -> None:
    registered = ClientRegistered(name="A", origin="social", purchase_interval=interval)
    order = at(day(10), OrderPlaced(order_id=ORDER, amount=Decimal(1), currency="EUR"))
    twice = 2 * (timedelta(days=365) / PURCHASES_PER_YEAR[interval])
    assert given(registered, order).state.dormant_from == day(10) + twice


def test_never_dormant_without_an_interval_or_a_purchase() -> None:
    assert given(*IN_SERVICE).state.dormant_from is None
    assert given(ClientRegistered(purchase_interval="weekly")).state.dormant_from is None
