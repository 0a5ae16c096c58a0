"""The same file twice changes nothing; a dry run changes nothing at all; an import that broke off is completed."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from app.importer.mapping import Kind, find_mapping
from app.store import Append, Appended, Store, StoreUnavailable, VersionConflict
from domain.kernel import Recorded
from tests.app.importer.conftest import Firm
from tests.app.importer.files import LEAD_COLUMNS, Cells, deal, lead, order, write

LEADS: list[Cells] = [*(lead(number) for number in range(1, 8)), lead(8, first_contact_date="x")]
DEALS: list[Cells] = [*(deal(number) for number in range(1, 5)), deal(5, won_date="2024-01-01"), deal(99)]
ORDERS: list[Cells] = [*(order(number, item) for number in range(1, 4) for item in (1, 2)), order(9, seller_id="none")]
FILES = (("leads", LEADS), ("deals", DEALS), ("orders", ORDERS))
Told = list[tuple[Any, Any, int, Any]]


async def everything(firm: Firm) -> list[Recorded]:
    return await firm.parts.store.read_log(0, 10_000)


def content(log: list[Recorded]) -> Told:
    """What does not depend on the order and the time of recording."""
    told = [(item.stream_id, item.event, item.version, item.occurred_at) for item in log]
    return sorted(told, key=lambda item: (item[0], item[2]))


@pytest.mark.parametrize("again", [1, 2])
async def test_the_same_files_again_change_nothing(firm: Firm, again: int):
    for kind, rows in FILES:
        await firm.imports(kind, *rows)  # pyright: ignore[reportArgumentType]
    before = await everything(firm)
    for kind, rows in FILES[again - 1 :]:
        report = await firm.imports(kind, *rows)  # pyright: ignore[reportArgumentType]
        assert (report.imported, report.records, report.employees_created, report.attributes_declared) == (0, 0, 0, 0)
        assert report.unchanged + report.failed == report.rows
        assert report.failed > 0
    assert await everything(firm) == before


async def test_a_dry_run_tells_the_same_and_changes_nothing(firm: Firm):
    for kind, rows in FILES:
        before = await firm.parts.store.head()
        dry = await firm.imports(kind, *rows, dry_run=True)  # pyright: ignore[reportArgumentType]
        assert await firm.parts.store.head() == before
        real = await firm.imports(kind, *rows)  # pyright: ignore[reportArgumentType]
        for name in ("rows", "imported", "unchanged", "failed", "records", "employees_created", "attributes_declared"):
            assert getattr(dry, name) == getattr(real, name), name
        assert dry.errors == real.errors


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("leads", [lead(9, first_contact_date="2150-01-01"), lead(9, origin="?!")]),
        ("deals", [deal(1, won_date="2024-01-01"), deal(99), deal(2, won_date="soon")]),
        ("deals", [deal(3)]),
        ("orders", ORDERS),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_file_whose_rows_are_all_left_out_leaves_nothing(
    firm: Firm, kind: Kind, rows: list[Cells], dry_run: bool
):
    await firm.imports_file("leads", write(firm.folder / "l.csv", LEAD_COLUMNS, LEADS), _without_attributes(firm))
    await firm.parts.vault.destroy((await firm.client("lead3")).id)
    before = await everything(firm)
    report = await firm.imports(kind, *rows, dry_run=dry_run)
    assert (report.imported, report.unchanged, report.failed) == (0, 0, len(rows))
    assert (report.employees_created, report.attributes_declared) == (0, 0)
    assert await everything(firm) == before
    await firm.parts.directory.refresh()
    assert not firm.parts.directory.regulation.attributes


def _without_attributes(firm: Firm) -> Path:
    mapping = firm.folder / "plain_leads.toml"
    mapping.write_text(find_mapping("olist_leads").read_text().split("[attributes]")[0])
    return mapping


@pytest.mark.parametrize("after", [0, 1, 3, 6])
async def test_an_import_that_breaks_off_is_completed_by_the_next(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, after: int
):
    await firm.imports("leads", *LEADS)
    with monkeypatch.context() as patch:
        _break_off(patch, after)
        with pytest.raises(StoreUnavailable):
            await firm.imports("deals", *DEALS)
    report = await firm.imports("deals", *DEALS)
    assert (report.imported + report.unchanged, report.failed) == (4, 2)
    for number in range(1, 5):
        assert [recorded.version for recorded in await firm.history(f"lead{number}")] == list(range(1, 11))
    again = await firm.imports("orders", *ORDERS)
    assert again.records == 3


def _break_off(patch: pytest.MonkeyPatch, after: int) -> None:
    append, done = Store.append, 0

    async def breaking(self: Store, facts: Append) -> Appended:
        nonlocal done
        if done >= after and facts.expected_version + len(facts.facts) < 100:
            raise StoreUnavailable("gone")
        done += 1
        return await append(self, facts)

    patch.setattr(Store, "append", breaking)


async def test_another_writer_in_between_loses_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch):
    await firm.imports("leads", lead())
    append, disturbed = Store.append, False

    async def disturbing(self: Store, facts: Append) -> Appended:
        nonlocal disturbed
        if facts.expected_version == 1 and not disturbed:
            disturbed = True
            raise VersionConflict(facts.stream_id)
        return await append(self, facts)

    monkeypatch.setattr(Store, "append", disturbing)
    report = await firm.imports("deals", deal())
    assert (report.imported, report.failed) == (1, 0)
    assert len(await firm.history()) == 10


async def test_a_client_that_never_rests_is_an_error(firm: Firm, monkeypatch: pytest.MonkeyPatch):
    await firm.imports("leads", lead(), lead(2))
    append, contested = Store.append, (await firm.client()).id

    async def disturbing(self: Store, facts: Append) -> Appended:
        if facts.stream_id == contested:
            raise VersionConflict(contested)
        return await append(self, facts)

    monkeypatch.setattr(Store, "append", disturbing)
    report = await firm.imports("deals", deal(), deal(2))
    assert (report.imported, report.failed) == (1, 1)
    assert report.errors[0].reason.startswith("busy: ")


async def test_two_imports_of_one_file_at_once(firm: Firm):
    first, second = await asyncio.gather(*(firm.imports("leads", *LEADS) for _ in range(2)))
    assert first.imported + second.imported == 7
    assert first.unchanged + second.unchanged == 7
    assert len(await firm.history()) == 1


async def test_an_erased_client_is_left_alone(firm: Firm):
    await firm.imports("leads", lead())
    await firm.parts.vault.destroy((await firm.client()).id)
    assert (await firm.imports("leads", lead())).unchanged == 1
    report = await firm.imports("deals", deal())
    assert report.errors[0].reason.startswith("erased: ")
