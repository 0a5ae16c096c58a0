"""Leads become clients on their own dates."""

from datetime import UTC, datetime

import pytest

from domain.client.registration import ClientRegistered
from domain.employee import SYSTEM
from tests.app.importer.conftest import Firm
from tests.app.importer.files import Cells, lead


async def test_a_lead_is_registered_on_its_date_by_the_importer(firm: Firm):
    report = await firm.imports("leads", lead())
    assert (report.rows, report.imported, report.unchanged, report.failed, report.records) == (1, 1, 0, 0, 1)
    [recorded] = await firm.history()
    assert isinstance(recorded.event, ClientRegistered)
    assert recorded.occurred_at == datetime(2024, 3, 1, tzinfo=UTC)
    assert recorded.recorded_at > datetime(2026, 1, 1, tzinfo=UTC)
    assert recorded.actor == SYSTEM
    assert recorded.event.name == "Lead lead1"
    assert recorded.event.origin == "social"
    assert recorded.event.external_id == "lead1"
    assert recorded.event.attributes == {"landing_page_id": "page1"}


async def test_an_empty_origin_is_unknown(firm: Firm):
    await firm.imports("leads", lead(origin=""))
    assert (await firm.client()).card.origin == "unknown"


async def test_missing_attributes_are_declared_once(firm: Firm):
    assert (await firm.imports("leads", lead())).attributes_declared == 1
    assert (await firm.imports("leads", lead(2))).attributes_declared == 0
    assert set(firm.parts.directory.regulation.attributes) == {"landing_page_id"}
    assert (await firm.history("lead2"))[0].regulation_version == 1


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"first_contact_date": ""}, "first_contact_date", "missing_value"),
        ({"first_contact_date": "01.03.2024"}, "first_contact_date", "wrong_date"),
        ({"first_contact_date": "2024-02-30"}, "first_contact_date", "wrong_date"),
        ({"first_contact_date": "0001-01-01"}, "first_contact_date", "wrong_date"),
        ({"first_contact_date": "2150-01-01"}, "first_contact_date", "in_future"),
        ({"origin": "Social Network"}, "origin", "wrong_value"),
        ({"mql_id": ""}, "mql_id", "missing_value"),
        ({"landing_page_id": "x" * 1001}, "landing_page_id", "wrong_value"),
        ({"landing_page_id": "a\0b"}, "landing_page_id", "wrong_value"),
    ],
)
async def test_a_bad_row_is_left_out_and_the_good_ones_go_in(firm: Firm, cells: Cells, field: str, reason: str):
    report = await firm.imports("leads", lead(2), {**lead(), **cells}, lead(3))
    [error] = report.errors
    assert (error.line, error.field) == (3, field)
    assert error.reason.startswith(f"{reason}: ")
    assert (report.rows, report.imported, report.failed) == (3, 2, 1)
    assert not await firm.history("lead1")
    assert await firm.history("lead3")


async def test_a_row_with_too_few_cells_is_left_out(firm: Firm):
    file = firm.folder / "leads.csv"
    file.write_text("mql_id,first_contact_date,landing_page_id,origin\nlead1,2024-03-01\n\nlead2,2024-03-01,p,social\n")
    report = await firm.imports_file("leads", file)
    assert [str(error) for error in report.errors] == ["line 2, row: wrong_columns: has 2 cells, the header has 4"]
    assert report.imported == 1


async def test_a_copy_of_a_row_changes_nothing_and_a_contradiction_is_an_error(firm: Firm):
    report = await firm.imports("leads", lead(), lead(2), lead(), lead(origin="email"))
    assert (report.imported, report.unchanged, report.failed) == (2, 1, 1)
    [error] = report.errors
    assert (error.line, error.field) == (5, "mql_id")
    assert error.reason == "duplicate_key: line 2 has the same key and other values"
    assert (await firm.client()).card.origin == "social"


async def test_the_same_key_with_other_values_later_is_an_error(firm: Firm):
    await firm.imports("leads", lead(), lead(2))
    report = await firm.imports("leads", lead(origin="email"), lead(2))
    assert (report.imported, report.unchanged, report.failed) == (0, 1, 1)
    assert report.errors[0].reason.startswith("changed: ")
    assert (await firm.client()).card.origin == "social"


@pytest.mark.parametrize("date", ["yesterday", "2150-01-01"])
async def test_a_row_that_is_left_out_does_not_take_the_key(firm: Firm, date: str):
    wrong = lead(first_contact_date=date)
    report = await firm.imports("leads", wrong, lead(), wrong)
    assert (report.imported, report.failed) == (1, 2)
    assert report.errors[0].line == 2
    assert report.errors[0].field == "first_contact_date"
    assert report.errors[1].line == 4
    assert len(await firm.history()) == 1


async def test_a_copy_of_a_row_that_is_left_out_is_left_out_too(firm: Firm):
    wrong = lead(first_contact_date="2150-01-01")
    report = await firm.imports("leads", wrong, wrong)
    assert (report.unchanged, report.failed) == (0, 2)
    assert [error.line for error in report.errors] == [2, 3]


async def test_every_wrong_cell_of_a_row_is_named(firm: Firm):
    bad = lead(2, first_contact_date="soon", origin="Social Network", landing_page_id="x" * 1001)
    report = await firm.imports("leads", lead(), bad, lead(mql_id="", origin="?!"))
    assert [(error.line, error.field, error.reason.split(":")[0]) for error in report.errors] == [
        (3, "landing_page_id", "wrong_value"),
        (3, "origin", "wrong_value"),
        (3, "first_contact_date", "wrong_date"),
        (4, "mql_id", "missing_value"),
        (4, "origin", "wrong_value"),
    ]
    assert (report.rows, report.imported, report.failed) == (3, 1, 2)
