"""Archive and restore."""

from decimal import Decimal

import pytest

from domain.client.archive import ArchiveClient, ClientArchived, ClientRestored, RestoreClient
from domain.client.order_events import LinePart, OrderCancelled, OrderPlaced, OrderReduced, OrderShipped, PlacedLine
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.kernel import Event
from domain.types import Step
from tests.domain.facts import IN_SERVICE, OFFERED, ORDER, REGISTERED, SHIPMENT
from tests.spec import Refusal, at, day, given, refusal

BROOMS = PlacedLine(article="BROOM", quantity=Decimal(2), price=Decimal(1), warehouse="main")
AWAITED = OrderPlaced(order_id=ORDER, lines=(BROOMS,), amount=Decimal(2), currency="EUR")
REST = (LinePart(line=1, quantity=Decimal(2)),)
ARCHIVED = ClientArchived(step=Step.LEAD_GENERATION)
RESTORED = ClientRestored(step=Step.LEAD_GENERATION)
GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
IN_ARCHIVE = (REGISTERED, at(day(5), ARCHIVED))

REFUSALS = [
    refusal("handoff_pending", given(*OFFERED), ArchiveClient()),
    refusal("orders_open", given(*IN_SERVICE, at(day(10), AWAITED)), ArchiveClient(), {"order_ids": [ORDER]}),
    refusal("client_archived", given(*IN_ARCHIVE), ArchiveClient()),
    refusal("before_its_cause", given(*IN_ARCHIVE, at(day(6), RESTORED)), ArchiveClient(occurred_at=day(5.5))),
    refusal("client_not_archived", given(REGISTERED), RestoreClient()),
    refusal("before_its_cause", given(*IN_ARCHIVE), RestoreClient(occurred_at=day(4)), {"since": day(5)}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_out_of_sight_and_back() -> None:
    assert given(REGISTERED).when(ArchiveClient()).then(ARCHIVED).archive.archived
    assert not given(*IN_ARCHIVE).when(RestoreClient()).then(RESTORED).archive.archived


@pytest.mark.parametrize(
    "history",
    [
        (AWAITED, OrderCancelled(order_id=ORDER)),
        (AWAITED, OrderReduced(order_id=ORDER, lines=REST, amount=Decimal(2), currency="EUR")),
        (AWAITED, OrderShipped(order_id=ORDER, shipment_id=SHIPMENT, lines=REST, amount=Decimal(2), currency="EUR")),
        (OrderPlaced(order_id=ORDER, amount=Decimal(5), currency="EUR"),),
        (AWAITED.model_copy(update={"lines": (BROOMS.model_copy(update={"warehouse": None}),)}),),
    ],
    ids=["cancelled", "rest-cancelled", "shipped", "amount-only", "no-warehouse"],
)
def test_orders_that_keep_no_goods_from_others_are_no_hindrance(history: tuple[Event, ...]) -> None:
    (event,) = given(*IN_SERVICE, *(at(day(10), each) for each in history)).when(ArchiveClient()).events()
    assert isinstance(event, ClientArchived)


def test_a_client_given_up_may_be_archived_and_restored() -> None:
    given(REGISTERED, GIVEN_UP).when(ArchiveClient()).then(ARCHIVED)
    client = given(REGISTERED, GIVEN_UP, ARCHIVED).when(RestoreClient()).then(RESTORED)
    assert client.qualification.disqualified == "no_need"
