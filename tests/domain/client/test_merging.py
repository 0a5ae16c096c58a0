"""Merging clients, and taking it back."""

from decimal import Decimal

import pytest

from domain.client.archive import ArchiveClient
from domain.client.duplicates import OtherClient
from domain.client.merging import (
    AbsorbClient,
    ClientAbsorbed,
    ClientMerged,
    ClientReleased,
    ClientUnmerged,
    MergeClient,
    ReleaseClient,
    UnmergeClient,
)
from domain.client.order_events import OrderPlaced, PlacedLine
from tests.domain.facts import IN_SERVICE, OFFERED, ORDER, REGISTERED
from tests.spec import CLIENT_ID, NOW, Refusal, at, day, finds, given, new, refusal

INTO = new(9)
MERGE = MergeClient(into_id=INTO, reason="One firm")
MERGED = ClientMerged(into_id=INTO, reason="One firm")
UNMERGE = UnmergeClient(reason="Two firms")
ABSORBED = ClientAbsorbed(client_id=INTO)
SURVIVOR = OtherClient(INTO, day(0))
KNOWN = finds(SURVIVOR)
BROOMS = PlacedLine(article="BROOM", quantity=Decimal(2), price=Decimal(1), warehouse="main")
AWAITED = OrderPlaced(order_id=ORDER, lines=(BROOMS,), amount=Decimal(2), currency="EUR")

REFUSALS = [
    refusal("unknown_client", given(REGISTERED), MERGE, {"id": INTO}),
    refusal("same_client", given(REGISTERED), MERGE.model_copy(update={"into_id": CLIENT_ID})),
    refusal("client_merged", given(REGISTERED, MERGED), MERGE, {"into_id": INTO}, known=KNOWN),
    refusal("client_merged", given(REGISTERED, MERGED), ArchiveClient(), {"into_id": INTO}),
    refusal(
        "survivor_not_open",
        given(REGISTERED),
        MERGE,
        {"merged_into": CLIENT_ID},
        known=finds(SURVIVOR._replace(merged_into=CLIENT_ID)),
    ),
    refusal("survivor_not_open", given(REGISTERED), MERGE, known=finds(SURVIVOR._replace(archived=True))),
    refusal("handoff_pending", given(*OFFERED), MERGE, known=KNOWN),
    refusal("orders_open", given(*IN_SERVICE, at(day(10), AWAITED)), MERGE, {"order_ids": [ORDER]}, known=KNOWN),
    refusal(
        "before_its_cause",
        given(REGISTERED),
        MERGE.model_copy(update={"occurred_at": day(1)}),
        {"since": day(2)},
        known=finds(SURVIVOR._replace(registered_at=day(2))),
    ),
    refusal("client_not_merged", given(REGISTERED), UNMERGE),
    refusal(
        "survivor_merged",
        given(REGISTERED, MERGED),
        UNMERGE,
        {"id": INTO, "merged_into": new(8)},
        known=finds(SURVIVOR._replace(merged_into=new(8))),
    ),
    refusal(
        "before_its_cause",
        given(REGISTERED, at(day(3), MERGED)),
        UNMERGE.model_copy(update={"occurred_at": day(2)}),
        {"since": day(3)},
    ),
    refusal("nothing_to_change", given(REGISTERED, ABSORBED), AbsorbClient(client_id=INTO)),
    refusal("nothing_to_change", given(REGISTERED), ReleaseClient(client_id=INTO)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_the_loser_points_to_the_survivor() -> None:
    client = given(REGISTERED).when(MERGE, known=KNOWN).then(MERGED)
    assert (client.merging.into, client.merging.since) == (INTO, NOW)


def test_the_survivor_knows_for_whom_it_stands() -> None:
    assert given(REGISTERED).when(AbsorbClient(client_id=INTO)).then(ABSORBED).merging.absorbed == {INTO}


def test_a_merge_is_taken_back_on_both_sides() -> None:
    loser = given(REGISTERED, MERGED).when(UNMERGE).then(ClientUnmerged(from_id=INTO, reason="Two firms"))
    assert loser.merging.into is None
    released = ClientReleased(client_id=INTO)
    assert not given(REGISTERED, ABSORBED).when(ReleaseClient(client_id=INTO)).then(released).merging.absorbed
