"""Whatever is done to the log behind the service's back is found."""

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.store import Store
from app.vault import Vault
from app.verify import Fault, Finding, verify
from tests.app.appending import append_of, contact, deal_won
from tests.conftest import MASTER_KEY

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
async def vault(engine: AsyncEngine) -> Vault:
    vault = Vault(MASTER_KEY, engine)
    store = Store(engine, vault)
    await store.start()
    await store.append(append_of(FIRST, contact(), deal_won(), contact()))
    await store.append(append_of(SECOND, deal_won(), deal_won()))
    await store.stop()
    return vault


async def found(engine: AsyncEngine, vault: Vault | None, *statements: str) -> list[Finding]:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    return await verify(engine, lambda _, __: None, vault)


def places(findings: list[Finding]) -> list[tuple[Fault, UUID | None, int | None]]:
    return [(finding.fault, finding.stream_id, finding.version) for finding in findings]


async def test_an_untouched_log_is_well(engine: AsyncEngine, vault: Vault, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("app.verify.PAGE", 2)
    steps: list[tuple[int, int]] = []
    assert await verify(engine, lambda done, count: steps.append((done, count)), vault) == []
    assert steps == [(2, 5), (4, 5), (5, 5)]
    assert await found(engine, None) == []


async def test_an_empty_log_is_well(engine: AsyncEngine):
    assert await found(engine, None) == []


async def test_a_changed_event_shows_at_the_next_one(engine: AsyncEngine, vault: Vault):
    change = (
        "UPDATE events SET state = convert_to(replace(convert_from(state, 'UTF8'), 'EUR', 'USD'), 'UTF8') "
        f"WHERE originator_id = '{FIRST}' AND originator_version = 2"
    )
    assert places(await found(engine, vault, change)) == [(Fault.CHANGED, FIRST, 3)]


async def test_a_removed_event_leaves_gaps(engine: AsyncEngine, vault: Vault):
    findings = await found(engine, vault, "DELETE FROM events WHERE notification_id IN (2, 4)")
    assert places(findings) == [
        (Fault.MISSING_POSITION, None, None),
        (Fault.MISSING_POSITION, None, None),
        (Fault.MISSING_VERSION, FIRST, 3),
        (Fault.MISSING_VERSION, SECOND, 2),
    ]
    assert [finding.detail for finding in findings[:2]] == ["positions 2 to 2", "positions 4 to 4"]


async def test_a_moved_event_is_found(engine: AsyncEngine, vault: Vault):
    move = f"UPDATE events SET originator_version = 4 WHERE originator_id = '{FIRST}' AND originator_version = 3"
    assert places(await found(engine, vault, move)) == [(Fault.MISSING_VERSION, FIRST, 4), (Fault.UNREADABLE, FIRST, 4)]


@pytest.mark.parametrize("state", ["not JSON", "[]", "{}"])
async def test_an_unreadable_event_is_found(engine: AsyncEngine, vault: Vault, state: str):
    spoil = f"UPDATE events SET state = '{state}' WHERE originator_id = '{SECOND}' AND originator_version = 2"
    assert places(await found(engine, vault, spoil)) == [(Fault.UNREADABLE, SECOND, 2)]


async def test_erased_personal_data_are_no_fault(engine: AsyncEngine, vault: Vault):
    await vault.destroy(FIRST)
    assert await found(engine, vault) == []


async def test_a_lost_end_is_found_where_somebody_has_seen_it(engine: AsyncEngine, vault: Vault):
    last = "(SELECT max(notification_id) FROM events)"
    seen = f"INSERT INTO checkpoints (view, position, fingerprint, updated_at) SELECT 'v', {last}, '', now()"
    lose = f"DELETE FROM events WHERE notification_id = {last}"
    findings = await found(engine, vault, seen, lose)
    assert [finding.fault for finding in findings] == [Fault.MISSING_POSITION]
