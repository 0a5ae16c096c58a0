"""A won deal takes its client through the steps, on its dates and with its sellers."""

from datetime import UTC, datetime

import pytest

from app.execute import EMPLOYEE, Call
from domain.client.assignment import AssignEmployee, EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.deal_events import DealWon
from domain.client.handoff_events import HandoffAccepted, HandoffOffered
from domain.client.qualification import DisqualificationReason, DisqualifyClient
from domain.employee import ChangeEmployee, employee_id
from domain.types import STEPS, Role, Step
from tests.app.importer.conftest import HEAD, Firm
from tests.app.importer.files import Cells, deal, lead

LEAD, WON = "2024-03-01 00:00:00", "2024-04-05 10:20:30"


async def test_the_client_goes_the_whole_way(firm: Firm):
    await firm.imports("leads", lead())
    report = await firm.imports("deals", deal())
    assert (report.imported, report.records, report.employees_created) == (1, 1, 2)
    assert await firm.told() == [
        ("clients.registered", LEAD),
        ("assignment.assigned", LEAD),
        ("card.changed", WON),
        ("qualification.qualified", WON),
        ("handoffs.offered", WON),
        ("handoffs.accepted", WON),
        ("deals.opened", WON),
        ("deals.won", WON),
        ("handoffs.offered", WON),
        ("handoffs.accepted", WON),
    ]
    client = await firm.client()
    anna, boris = employee_id("anna"), employee_id("boris")
    assert client.step is Step.ACCOUNT_SERVICE
    assert client.assignment.employees == {"lead_generation": anna, "first_deal": boris, "account_service": boris}
    assert client.card.personality_type == "cat"
    assert client.card.attributes["declared_product_catalog_size"] == "100"
    assert client.card.attributes["seller_id"] == "seller1"
    assert "has_gtin" not in client.card.attributes


async def test_the_packet_tells_the_type_and_the_seller_keeps_the_client(firm: Firm):
    await firm.imports("leads", lead())
    await firm.imports("deals", deal())
    events = [recorded.event for recorded in await firm.history()]
    first, last = (event for event in events if isinstance(event, HandoffOffered))
    assert first.packet is not None
    assert first.packet.personality_type == "cat"
    assert (first.from_employee_id, first.to_employee_id) == (employee_id("anna"), employee_id("boris"))
    assert last.from_employee_id == last.to_employee_id == employee_id("boris")
    assert [event.automatic for event in events if isinstance(event, HandoffAccepted)] == [False, True]


async def test_a_mixed_profile_counts_as_its_first_type(firm: Firm):
    await firm.imports("leads", lead())
    await firm.imports("deals", deal(lead_behaviour_profile="eagle, wolf"))
    card = (await firm.client()).card
    assert (card.personality_type, card.attributes["lead_behaviour_profile"]) == ("eagle", "eagle, wolf")


async def test_the_sellers_become_employees_of_their_steps(firm: Firm):
    await firm.imports("leads", lead(), lead(2))
    await firm.imports("deals", deal(), deal(2, sdr_id="boris", won_date="2024-04-01 00:00:00"))
    anna, boris = firm.parts.directory.employees()
    assert (anna.code, anna.name, anna.steps) == ("anna", "SDR anna", {Step.LEAD_GENERATION})
    assert boris.steps == set(STEPS)
    assert boris.roles == {Role.COLD_CONTACT_MANAGER, Role.CLOSING_MANAGER}
    [registered] = await firm.parts.store.read_stream(boris.id)
    assert registered.occurred_at.isoformat() == "2024-04-01T00:00:00+00:00"


async def test_an_employee_who_was_known_gets_the_step_once(firm: Firm):
    await firm.imports("leads", lead(), lead(2))
    await firm.imports("deals", deal())
    await firm.imports("deals", deal(2, sdr_id="boris"))
    boris = employee_id("boris")
    assert len(await firm.parts.store.read_stream(boris)) == 2
    employee = firm.parts.directory.employee(boris)
    assert employee is not None
    assert employee.steps == set(STEPS)


async def test_a_head_who_takes_a_step_away_is_not_overruled_by_a_repetition(firm: Firm):
    await firm.imports("leads", lead())
    await firm.imports("deals", deal())
    anna = employee_id("anna")
    await firm.parts.executor.execute(
        EMPLOYEE, anna, ChangeEmployee(steps=frozenset({Step.FIRST_DEAL})), Call(HEAD, anna)
    )
    await firm.imports("deals", deal())
    assert len(await firm.parts.store.read_stream(anna)) == 2


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"mql_id": "nobody"}, "mql_id", "unknown_client"),
        ({"won_date": "2024-02-29 23:59:59"}, "won_date", "before_registration"),
        ({"won_date": "yesterday"}, "won_date", "wrong_date"),
        ({"sr_id": ""}, "sr_id", "missing_value"),
        ({"sr_id": "x" * 65}, "sr_id", "wrong_value"),
        ({"seller_id": ""}, "seller_id", "missing_value"),
        ({"lead_behaviour_profile": "Big Cat"}, "lead_behaviour_profile", "wrong_value"),
        ({"declared_monthly_revenue": "much"}, "declared_monthly_revenue", "wrong_attribute_value"),
        ({"has_company": "perhaps"}, "has_company", "wrong_attribute_value"),
    ],
)
async def test_a_bad_row_is_left_out(firm: Firm, cells: Cells, field: str, reason: str):
    await firm.imports("leads", lead(), lead(2))
    report = await firm.imports("deals", {**deal(), **cells}, deal(2))
    [error] = report.errors
    assert (error.line, error.field) == (2, field)
    assert error.reason.startswith(f"{reason}: ")
    assert (report.imported, report.failed) == (1, 1)
    assert len(await firm.history()) == 1


async def test_every_wrong_cell_of_a_deal_is_named(firm: Firm):
    await firm.imports("leads", lead())
    cells = {"lead_behaviour_profile": "Big Cat", "declared_monthly_revenue": "much", "has_gtin": "so"}
    report = await firm.imports("deals", {**deal(won_date="", sr_id="", seller_id=""), **cells})
    assert [(error.field, error.reason.split(":")[0]) for error in report.errors] == [
        ("won_date", "missing_value"),
        ("sr_id", "missing_value"),
        ("has_gtin", "wrong_attribute_value"),
        ("declared_monthly_revenue", "wrong_attribute_value"),
        ("lead_behaviour_profile", "wrong_value"),
        ("seller_id", "missing_value"),
    ]
    assert report.failed == 1


async def test_a_wrong_revenue_is_told_once(firm: Firm):
    own = firm.folder / "own.toml"
    own.write_text(
        """
        kind = "deals"
        source = "olist"
        keys = { lead = "lead", deal = "lead" }
        deal = { won_at = "won", revenue = "sum", currency = "money" }
        employees = { first_deal = { code = "seller", name = "named" } }
        """
    )
    file = firm.folder / "own.csv"
    file.write_text(f"lead,won,sum,money,seller,named\nlead1,2024-04-05,1_0,euro,boris,{'x' * 301}\n")
    report = await firm.imports_file("deals", file, own)
    assert [error.field for error in report.errors] == ["named", "sum", "money"]


async def test_whoever_keeps_the_client_has_the_step_of_account_service(firm: Firm):
    await firm.imports("leads", lead(), lead(2), lead(3))
    await firm.imports("deals", deal(2))
    second_day = datetime(2024, 3, 2, tzinfo=UTC)
    await firm.command(AssignEmployee(employee_id=employee_id("anna"), occurred_at=second_day))
    await firm.imports("deals", deal(sdr_id="", sr_id="dora"), deal(3, sdr_id="clara", sr_id="clara"))
    for name in ("lead1", "lead2", "lead3"):
        client = await firm.client(name)
        assert client.owner is not None
        owner = firm.parts.directory.employee(client.owner)
        assert owner is not None
        assert client.step in owner.steps


async def test_a_lead_that_is_not_there_is_named_by_the_column_of_its_key(firm: Firm):
    report = await firm.imports("deals", deal())
    assert [str(error) for error in report.errors] == [
        "line 2, mql_id: unknown_client: no client has this key; import its lead first"
    ]


async def test_a_customer_key_goes_to_the_first_deal_that_goes_in(firm: Firm):
    await firm.imports("leads", lead(), lead(2), lead(3))
    rows = [deal(won_date="x"), deal(2, seller_id="seller1", won_date="2024-02-01"), deal(3, seller_id="seller1")]
    report = await firm.imports("deals", *rows)
    assert [error.reason.split(":")[0] for error in report.errors] == ["wrong_date", "before_registration"]
    assert (await firm.client("lead3")).step is Step.ACCOUNT_SERVICE
    assert (await firm.imports("deals", deal())).errors[0].reason.startswith("key_taken: ")


async def test_of_deals_with_one_key_the_first_that_goes_in_counts(firm: Firm):
    await firm.imports("leads", lead(), lead(2))
    await firm.imports("deals", deal(2))
    taken = deal(seller_id="seller2")
    report = await firm.imports("deals", taken, deal(won_date="2024-02-01"), deal(), deal(), deal(sr_id="clara"))
    assert [(error.line, error.reason.split(":")[0]) for error in report.errors] == [
        (2, "key_taken"),
        (3, "before_registration"),
        (6, "duplicate_key"),
    ]
    assert report.errors[2].reason == "duplicate_key: line 4 has the same key and other values"
    assert (report.imported, report.unchanged, report.records) == (1, 1, 1)
    assert (await firm.client()).owner == employee_id("boris")


async def test_without_a_caller_the_seller_worked_the_lead(firm: Firm):
    await firm.imports("leads", lead())
    await firm.imports("deals", deal(sdr_id=""))
    assert (await firm.client()).assignment.employees["lead_generation"] == employee_id("boris")


async def test_a_client_in_work_is_taken_over_by_those_whom_the_file_names(firm: Firm):
    await firm.imports("leads", lead(), lead(2))
    await firm.imports("deals", deal(2, sdr_id="clara"))
    on_the_tenth = datetime(2024, 3, 10, tzinfo=UTC)
    await firm.command(AssignEmployee(employee_id=employee_id("clara"), occurred_at=on_the_tenth))
    await firm.imports("deals", deal())
    clara, anna = [item for item in await firm.history() if isinstance(item.event, EmployeeAssigned)]
    assert clara.occurred_at == on_the_tenth
    assert isinstance(anna.event, EmployeeAssigned)
    assert (anna.event.employee_id, anna.event.previous_id) == (employee_id("anna"), employee_id("clara"))
    assert anna.event.failure_reason == "other"
    assert (await firm.client()).step is Step.ACCOUNT_SERVICE


async def test_a_client_that_was_given_up_is_an_error(firm: Firm):
    await firm.imports("leads", lead())
    await firm.command(DisqualifyClient(reason=DisqualificationReason.NO_NEED))
    report = await firm.imports("deals", deal())
    assert report.errors[0].reason.startswith("client_disqualified: ")


async def test_two_clients_cannot_have_one_customer_key(firm: Firm):
    await firm.imports("leads", lead(), lead(2), lead(3))
    report = await firm.imports("deals", deal(), deal(2, seller_id="seller1"))
    assert [str(error) for error in report.errors] == [
        "line 3, seller_id: key_taken: the key belongs to another client"
    ]
    later = await firm.imports("deals", deal(3, seller_id="seller1"))
    assert later.errors[0].reason == report.errors[0].reason
    assert len(await firm.history("lead3")) == 1


async def test_deals_of_one_client_go_in_by_date(firm: Firm):
    mapping = firm.folder / "deals.toml"
    mapping.write_text(
        """
        kind = "deals"
        source = "olist"
        decimal_separator = ","
        keys = { lead = "lead", deal = "deal" }
        [deal]
        won_at = "won"
        opened_at = "opened"
        revenue = "revenue"
        currency = { constant = "EUR" }
        [employees.first_deal]
        code = "seller"
        [employees.account_service]
        code = "manager"
        """
    )
    file = firm.folder / "several.csv"
    file.write_text(
        "lead;deal;opened;won;revenue;seller;manager\n"
        "lead1;B;;2024-06-01;1 000,50;boris;maria\n"
        "lead1;A;2024-03-20;2024-04-01;500;boris;maria\n"
        "lead1;C;2024-07-02;2024-07-01;1;boris;maria\n"
    )
    await firm.imports("leads", lead())
    report = await firm.imports_file("deals", file, mapping)
    assert [(error.line, error.field) for error in report.errors] == [(4, "won")]
    assert report.errors[0].reason.startswith("wrong_order: ")
    won = [recorded.event for recorded in await firm.history() if isinstance(recorded.event, DealWon)]
    assert [(str(event.revenue), event.step) for event in won] == [
        ("500", Step.FIRST_DEAL),
        ("1000.50", Step.ACCOUNT_SERVICE),
    ]
    assert (await firm.client()).owner == employee_id("maria")
    assert not any(isinstance(recorded.event, CardChanged) for recorded in await firm.history())
