"""The client database: events in, rows out; and pages of it, on a real database."""

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.card import CardChanged
from domain.client.key_persons import KeyPersonAdded, KeyPersonRemoved
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPostponed, TaskSet
from domain.types import Channel, DecisionRole, Step
from projections import searching
from projections.clients import ClientEntry, ClientsView, Profile
from projections.clients_query import SORTS, AttributeFilter, ClientFilter, client_page
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.place import Place, Status
from projections.standing import Standing
from tests.domain.facts import ASSIGNED, IN_SERVICE, OFFERED, REACHED, REGISTERED, TASK
from tests.projections.filled import fill, seen
from tests.spec import CLIENT_ID, CLOSER, MANAGER, SELLER, START, at, day

VIEW = ClientsView()
TASK_SET = TaskSet(task_id=TASK, text="Call", due_at=day(5), employee_id=SELLER.id)
OTHER_TASK = UUID(int=0xC2)
GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
REOPENED = ClientReopened(step=Step.LEAD_GENERATION)
ARCHIVED, RESTORED = (kind(step=Step.LEAD_GENERATION) for kind in (ClientArchived, ClientRestored))


def columns(*history: Any) -> dict[str, Any]:
    """The row of a client with this history."""
    row = VIEW.columns(seen(VIEW, history))
    assert row is not None
    return dict(zip([column.name for column in VIEW.table.columns][2:], row, strict=True))


class TestFold:
    def test_a_client_that_is_not_registered_has_no_row(self) -> None:
        assert VIEW.columns(VIEW.start(CLIENT_ID)) is None

    def test_a_new_client_is_in_lead_generation(self) -> None:
        row = columns(at(day(1), REGISTERED))
        assert (row["step"], row["owner_id"], row["registered_at"]) == ("lead_generation", None, day(1))
        assert (row["status"], row["name_key"], row["origin"]) == ("active", "steelworks", "cold_base")

    def test_the_owner_is_who_works_the_present_step(self) -> None:
        assert columns(REGISTERED, ASSIGNED)["owner_id"] == SELLER.id
        assert columns(*OFFERED)["owner_id"] == SELLER.id
        row = columns(*IN_SERVICE)
        assert (row["step"], row["owner_id"]) == ("account_service", MANAGER.id)

    def test_every_step_keeps_its_owner(self) -> None:
        assert seen(VIEW, IN_SERVICE).place.owners == {
            "lead_generation": SELLER.id,
            "first_deal": CLOSER.id,
            "account_service": MANAGER.id,
        }

    def test_the_last_contact_is_the_last_by_business_time(self) -> None:
        late = at(day(2), REACHED)
        assert columns(REGISTERED, at(day(9), REACHED), late)["last_contact_at"] == day(9)
        assert columns(REGISTERED, late, at(day(9), REACHED))["last_contact_at"] == day(9)

    def test_each_channel_has_its_last_contact(self) -> None:
        mail = REACHED.model_copy(update={"channel": Channel.EMAIL})
        history = [REGISTERED, at(day(9), REACHED), at(day(5), mail), at(day(4), mail), at(day(2), REACHED)]
        assert seen(VIEW, history).contacted == {"phone": day(9), "email": day(5)}
        assert columns(*history)["last_contact_at"] == day(9)

    def test_the_earliest_open_task_is_due_next(self) -> None:
        later = TASK_SET.model_copy(update={"task_id": OTHER_TASK, "due_at": day(7)})
        history = [REGISTERED, TASK_SET, later]
        assert columns(*history)["next_due_at"] == day(5)
        assert columns(*history, TaskPostponed(task_id=TASK, due_at=day(8)))["next_due_at"] == day(7)
        assert columns(*history, TaskCompleted(task_id=TASK))["next_due_at"] == day(7)
        assert columns(*history, TaskCompleted(task_id=TASK), TaskCancelled(task_id=OTHER_TASK))["next_due_at"] is None

    def test_what_became_of_an_unknown_task_is_passed_over(self) -> None:
        gone = TaskPostponed(task_id=TASK, due_at=day(8)), TaskCompleted(task_id=TASK)
        assert columns(REGISTERED, *gone)["next_due_at"] is None

    def test_the_type_is_that_of_who_decides_where_the_card_has_none(self) -> None:
        person = KeyPersonAdded(key_person_id=TASK, name="A", role=DecisionRole.DECIDES, personality_type="amiable")
        gone = KeyPersonRemoved(key_person_id=TASK)
        assert columns(REGISTERED, person)["personality_type"] == "amiable"
        assert columns(REGISTERED, person, gone)["personality_type"] is None
        on_card = CardChanged(changed=("personality_type",), personality_type="driver")
        assert columns(REGISTERED, person, on_card)["personality_type"] == "driver"

    def test_status(self) -> None:
        assert columns(REGISTERED, GIVEN_UP)["status"] == Status.DISQUALIFIED
        assert columns(REGISTERED, GIVEN_UP, REOPENED)["status"] == Status.ACTIVE
        assert columns(REGISTERED, GIVEN_UP, ARCHIVED)["status"] == Status.ARCHIVED
        assert columns(REGISTERED, GIVEN_UP, ARCHIVED, RESTORED)["status"] == Status.DISQUALIFIED

    def test_a_changed_card_changes_the_row(self) -> None:
        first = ClientRegistered(name="A", origin="social", attributes={"size": "L", "fleet": "4"}, phones=("12345",))
        change = CardChanged(
            changed=("attributes", "name", "phones"), name="Ёж", attributes={"size": None, "kids": "2"}
        )
        row = columns(first, change)
        assert (row["name_key"], row["words"]) == ("еж", ["=fleet=4", "=kids=2", "еж"])
        assert json.loads(row["attributes"]) == {"fleet": "4", "kids": "2"}
        assert row["origin"] == "social"

    def test_an_erased_client_still_has_a_row(self) -> None:
        assert columns(ClientRegistered(name=None, origin="social"))["name_key"] == ""


def entry(number: int, registered_at: datetime = START, **fields: Any) -> ClientEntry:
    """A client as the view folds it, with a profile and a place made of these fields."""
    profile = {name: fields.pop(name) for name in Profile._fields if name in fields}
    place = {name: fields.pop(name) for name in Place._fields if name in fields}
    profile.setdefault("name", f"Client {number}")
    return ClientEntry(UUID(int=number), registered_at, Profile(**profile), Place(since=START, **place), **fields)


async def numbers(engine: AsyncEngine, wanted: ClientFilter, **page: Any) -> list[int]:
    """The numbers of the clients that are wanted."""
    async with engine.connect() as connection:
        return [found.id.int for found in (await client_page(connection, wanted, **page)).entries]


async def test_filters(engine: AsyncEngine) -> None:
    owner, other = SELLER.id, CLOSER.id
    entries = [
        entry(1, owners={"lead_generation": owner}, industry="steel", region="Ural", category="A", origin="social"),
        entry(2, day(1), owners={"lead_generation": other}, industry="wood", personality_type="driver"),
        entry(
            3, day(2), step="first_deal", standing=Standing(disqualified=True), last_contact_at=day(4), kind="person"
        ),
        entry(4, day(3), standing=Standing(archived=True), attributes={"size": "L"}),
        entry(5, day(4), attributes={"size": "L", "fleet": "4"}, tasks={TASK: day(9)}, last_contact_at=day(5)),
    ]
    await fill(engine, VIEW, [(each.id, each) for each in entries])
    expected: list[tuple[ClientFilter, list[int]]] = [
        (ClientFilter(), [5, 3, 2, 1]),
        (ClientFilter(statuses=tuple(Status)), [5, 4, 3, 2, 1]),
        (ClientFilter(statuses=["archived"]), [4]),
        (ClientFilter({"step": ["first_deal"]}), [3]),
        (ClientFilter({"step": list(Step)}), [5, 3, 2, 1]),
        (ClientFilter({"owner_id": [owner]}), [1]),
        (ClientFilter({"owner_id": [owner, other]}), [2, 1]),
        (ClientFilter({"owner_id": [owner, None]}), [5, 3, 1]),
        (ClientFilter({"industry": ["steel", "wood"], "personality_type": ["driver"]}), [2]),
        (ClientFilter({"region": ["Ural"], "category": ["A"], "origin": ["social"]}), [1]),
        (ClientFilter({"kind": ["person"]}), [3]),
        (ClientFilter(registered=Period(day(1), day(4))), [3, 2]),
        (ClientFilter(last_contact=Period(day(4), day(5))), [3]),
        (ClientFilter(never_contacted=True), [2, 1]),
        (ClientFilter({"region": ["uRAL"], "industry": ["STEEL"]}), [1]),
    ]
    for wanted, found in expected:
        assert await numbers(engine, wanted) == found, wanted


async def test_filters_by_own_attributes(engine: AsyncEngine) -> None:
    known = [{"size": "L", "fleet": "4"}, {"size": "l", "fleet": "-40.5"}, {"since": "2024-02-29", "fleet": "?"}, {}]
    entries = [entry(number, attributes=attributes) for number, attributes in enumerate(known, 1)]
    await fill(engine, VIEW, [(each.id, each) for each in entries])
    expected: list[tuple[list[AttributeFilter], list[int]]] = [
        ([AttributeFilter("size", ["L"])], [1, 2]),
        ([AttributeFilter("size", ["XL"])], []),
        ([AttributeFilter("size", ["XL", "l"]), AttributeFilter("fleet", ["4", "5"])], [1]),
        ([AttributeFilter("fleet", first=Decimal(-41))], [1, 2]),
        ([AttributeFilter("fleet", first=Decimal("-40.50"), last=Decimal(3))], [2]),
        ([AttributeFilter("fleet", last=Decimal("4.0"))], [1, 2]),
        ([AttributeFilter("fleet", first=Decimal(4)), AttributeFilter("fleet", last=Decimal(4))], [1]),
        ([AttributeFilter("since", first="2024-02-29", last="2024-02-29")], [3]),
        ([AttributeFilter("since", last="2024-02-28")], []),
    ]
    for attributes, found in expected:
        assert await numbers(engine, ClientFilter(attributes=attributes), sort="name") == found, attributes


@pytest.mark.parametrize("few", [0, searching.FEW], ids=["many", "few"])
async def test_search(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    entries = [
        entry(1, name="Steelworks", phones=("+7 (495) 123-45-67",), attributes={"size": "L"}),
        entry(2, name="Анна Петрова, works", emails=("anna@acme.com",)),
        entry(3, name="ООО «Ёлка и сын»", tax_id="7701-2345", external_id="ext-7/9"),
        entry(4, name="O'Neil \\ Sons"),
    ]
    await fill(engine, VIEW, [(each.id, each) for each in entries])
    expected: list[tuple[str, list[int]]] = [
        ("steel", [1]),
        ("STEEL", [1]),
        ("works", [2]),
        ("елка", [3]),
        ("Ёлка и", [3]),
        ("петр анн", [2]),
        ("+7 495 123-45-67", [1]),
        ("8 (495) 123 45 67", [1]),
        ("495123", [1]),
        ("anna@acme.com", [2]),
        ("anna@", [2]),
        ("acme.com", [2]),
        ("7701", [3]),
        ("EXT-7", [3]),
        ("o'neil", [4]),
        ("size", []),
        ("nobody", []),
        ("anna nobody", []),
        ("--", []),
        ("' | 'steel", [1]),
        ("\\", []),
    ]
    for q, found in expected:
        assert await numbers(engine, ClientFilter(q=q), sort="registered_at") == found, q


async def test_total_and_limit(engine: AsyncEngine) -> None:
    await fill(engine, VIEW, [(UUID(int=n), entry(n)) for n in range(1, 6)])
    async with engine.connect() as connection:
        page = await client_page(connection, ClientFilter(), page=Page(limit=2), with_total=True)
        assert (len(page.entries), page.total) == (2, 5)
        whole = await client_page(connection, ClientFilter(), page=Page(limit=5))
        assert (len(whole.entries), whole.total, whole.next_cursor) == (5, None, None)


async def test_a_broken_cursor_is_refused(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for cursor in ("", "x", "%%%", "W10", "WyJuYW1lIl0", "ё", "null", "W1tb" * 5000):
            with pytest.raises(BadCursor):
                await client_page(connection, ClientFilter(), page=Page(cursor))


async def test_a_cursor_of_another_order_is_refused(engine: AsyncEngine) -> None:
    await fill(engine, VIEW, [(UUID(int=n), entry(n)) for n in range(1, 4)])
    async with engine.connect() as connection:
        first = await client_page(connection, ClientFilter(), "name", Page(limit=1))
        for sort in set(SORTS) - {"name"}:
            with pytest.raises(BadCursor):
                await client_page(connection, ClientFilter(), sort, Page(first.next_cursor))


_MOMENTS = st.integers(0, 3).map(day)
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["", "a", "B", "ё", "=x", "я", None]),
    "registered_at": _MOMENTS,
    "last_contact_at": st.none() | _MOMENTS,
    "tasks": st.dictionaries(st.just(TASK), _MOMENTS),
}
_ENTRIES = st.lists(st.fixed_dictionaries(_FIELDS), max_size=12)


def _sorted(entries: Sequence[ClientEntry], sort: str) -> list[UUID]:
    """The order in which the clients should come: those without a value last."""

    def key(item: ClientEntry) -> Any:
        row = VIEW.columns(item)
        assert row is not None
        value = row[0].encode() if sort.endswith("name") else getattr(item, sort.removeprefix("-"))
        return value, item.id

    known = [item for item in entries if key(item)[0] is not None]
    without = [item for item in entries if key(item)[0] is None]
    descending = sort.startswith("-")
    ordered = sorted(known, key=key, reverse=descending) + sorted(without, key=lambda c: c.id, reverse=descending)
    return [item.id for item in ordered]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=_ENTRIES, limit=st.integers(1, 4))
async def test_pages_bring_every_client_once_and_in_order(
    engine: AsyncEngine, fields: list[dict[str, Any]], limit: int
) -> None:
    entries = [entry(number, **each) for number, each in enumerate(fields, start=1)]
    await fill(engine, VIEW, [(each.id, each) for each in entries])
    async with engine.connect() as connection:
        for sort in SORTS:
            found: list[UUID] = []
            cursor: str | None = None
            while found == [] or cursor:
                page = await client_page(connection, ClientFilter(), sort, Page(cursor, limit))
                assert len(page.entries) <= limit
                found += [each.id for each in page.entries]
                cursor = page.next_cursor
                if not page.entries:
                    break
            assert found == _sorted(entries, sort), sort
