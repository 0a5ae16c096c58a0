"""Commands carried out: caches, conflicts with other processes, conditions and repetitions."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta, tzinfo
from uuid import UUID, uuid4

import pytest

from app.directory import Directory
from app.execute import CLIENT, EMPLOYEE, Call, Executor, KeyReused, StaleVersion
from app.services import Services
from app.store import Store
from domain.client.assignment import AssignEmployee
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.registration import RegisterClient
from domain.client.tasks import CompleteTask, SetTask
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor, Refused
from domain.types import Channel

HEAD = Actor(SYSTEM, frozenset({"head"}))
LEAD = RegisterClient(name="Northern Steel", origin="cold_base")
CONTACT = RecordContact(
    channel=Channel.PHONE, direction=Direction.OUTBOUND, outcome=Outcome.REACHED, summary="Wants an offer"
)


def call(key: str | None = None, digest: bytes = b"", if_match: int | None = None) -> Call:
    """A call of the head's."""
    return Call(HEAD, uuid4(), idempotency_key=key, request_digest=digest, if_match=if_match)


@pytest.fixture
async def other(services: Services) -> AsyncGenerator[Executor]:
    """The executor of another process: its own store and caches on the same database."""
    store = Store(services.engine, services.vault)
    await store.start()
    yield Executor(store, Directory(store), cache_bytes=100_000)
    await store.stop()


async def registered(executor: Executor) -> UUID:
    client_id = uuid4()
    await executor.execute(CLIENT, client_id, LEAD, call())
    return client_id


async def test_the_answer_names_stream_version_position_and_new_parts(services: Services) -> None:
    client_id = await registered(services.executor)
    outcome = await services.executor.execute(CLIENT, client_id, CONTACT, call())
    assert outcome.answer.keys() == {"id", "version", "position", "contact_id"}
    assert outcome.answer["id"] == str(client_id)
    assert outcome.answer["version"] == 2


async def test_commands_on_one_client_at_once_all_succeed_one_after_the_other(
    services: Services, other: Executor
) -> None:
    client_id = await registered(services.executor)
    both = [executor.execute(CLIENT, client_id, CONTACT, call()) for executor in (services.executor, other)]
    both += [services.executor.execute(CLIENT, client_id, CONTACT, call()) for _ in range(20)]
    outcomes = await asyncio.gather(*both)
    assert sorted(outcome.answer["version"] for outcome in outcomes) == list(range(2, 24))


async def test_a_refusal_on_an_outdated_state_is_decided_again(services: Services, other: Executor) -> None:
    client_id = await registered(services.executor)
    due = datetime.now(UTC) + timedelta(days=1)
    made = await other.execute(CLIENT, client_id, SetTask(text="Call", due_at=due), call())
    done = CompleteTask(task_id=UUID(made.answer["task_id"]))
    outcome = await services.executor.execute(CLIENT, client_id, done, call())
    assert outcome.answer["version"] == 3


@pytest.mark.parametrize("client_moved", [False, True])
async def test_a_refusal_by_an_outdated_directory_is_decided_again(
    services: Services, other: Executor, *, client_moved: bool
) -> None:
    client_id = await registered(services.executor)
    hire = RegisterEmployee(code="new", name="New")
    await other.execute(EMPLOYEE, employee_id("new"), hire, call())
    if client_moved:
        await other.execute(CLIENT, client_id, CONTACT, call())
    assert services.directory.employee(employee_id("new")) is None
    assigned = AssignEmployee(employee_id=employee_id("new"))
    outcome = await services.executor.execute(CLIENT, client_id, assigned, call())
    assert outcome.answer["version"] == (3 if client_moved else 2)


async def test_time_does_not_go_back_on_a_stream(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id = await registered(services.executor)
    first = (await services.store.read_stream(client_id))[0]

    class SlowClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return first.recorded_at - timedelta(seconds=1)

    monkeypatch.setattr("app.execute.datetime", SlowClock)
    await services.executor.execute(CLIENT, client_id, CONTACT, call())
    second = (await services.store.read_stream(client_id))[1]
    assert (second.recorded_at, second.occurred_at) == (first.recorded_at, first.recorded_at)


async def test_a_stale_version_is_told_at_once(services: Services, other: Executor) -> None:
    client_id = await registered(services.executor)
    await other.execute(CLIENT, client_id, CONTACT, call())
    with pytest.raises(StaleVersion) as stale:
        await services.executor.execute(CLIENT, client_id, CONTACT, call(if_match=1))
    assert stale.value.version == 2
    assert (await services.executor.execute(CLIENT, client_id, CONTACT, call(if_match=2))).answer["version"] == 3


async def test_a_repeated_key_gets_the_first_answer(services: Services, other: Executor) -> None:
    client_id = await registered(services.executor)
    first = await services.executor.execute(CLIENT, client_id, CONTACT, call("k", b"1"))
    again = await other.execute(CLIENT, client_id, CONTACT, call("k", b"1"))
    assert (again.answer, again.replayed) == (first.answer, True)
    with pytest.raises(KeyReused):
        await services.executor.execute(CLIENT, client_id, CONTACT, call("k", b"2"))
    assert len(await services.store.read_stream(client_id)) == 2


async def test_registrations_with_one_key_at_once_make_one_client(services: Services, other: Executor) -> None:
    executors = [services.executor, other] * 4
    outcomes = await asyncio.gather(*(e.execute(CLIENT, uuid4(), LEAD, call("k", b"1")) for e in executors))
    assert len({outcome.answer["id"] for outcome in outcomes}) == 1
    assert sum(not outcome.replayed for outcome in outcomes) == 1


async def test_a_command_on_a_stream_of_another_kind_finds_nothing(services: Services) -> None:
    await services.executor.execute(EMPLOYEE, employee_id("a"), RegisterEmployee(code="a", name="A"), call())
    with pytest.raises(Refused, match="unknown_client"):
        await services.executor.execute(CLIENT, employee_id("a"), CONTACT, call())


async def test_a_client_that_fell_out_of_the_cache_is_read_again(services: Services) -> None:
    executor = Executor(services.store, services.directory, cache_bytes=1_000)
    first, second = await registered(executor), await registered(executor)
    for client_id in (first, second, first):
        await executor.execute(CLIENT, client_id, CONTACT, call())
    assert len(await services.store.read_stream(first)) == 3
