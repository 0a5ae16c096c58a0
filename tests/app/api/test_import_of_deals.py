"""Won deals brought in over HTTP: they are not undone, but each can be corrected."""

from typing import Any

from tests.app.api.conftest import Api
from tests.app.api.lists import STEEL, csv_of, done, send

LEADS = """
kind = "leads"
source = "expo"
keys = { lead = "Firm" }
lead = { registered_at = { constant = "2024-03-01" } }
card = { name = "Firm", origin = { constant = "exhibition" } }
"""
DEALS = """
kind = "deals"
source = "expo"
keys = { lead = "Firm", deal = "Firm" }
employees = { first_deal = { code = { constant = "boris" } } }
[deal]
won_at = { constant = "2024-04-05" }
revenue = { constant = "1200" }
cost = { constant = "700" }
currency = { constant = "EUR" }
"""


async def imported_deals(base: Api, **form: str) -> dict[str, Any]:
    await done(base, await send(base, csv_of(STEEL), LEADS))
    found = await done(base, await send(base, csv_of(STEEL), DEALS, kind="deals", **form))
    assert found["report"]["imported"] == 1, found["report"]
    return found


async def test_won_deals_are_not_undone_but_corrected(base: Api, api: Api) -> None:
    found = await imported_deals(base)
    refused = (await base.post(f"/imports/{found['id']}/undo")).json()
    assert (refused["status"], refused["code"]) == (409, "import_of_deals")
    listed = f"/imports/{found['id']}/rows"
    assert refused["facts"]["rows"].endswith(listed)
    (row,) = (await base.get(listed)).json()["items"]
    client = f"/clients/{row['client_id']}"
    body = {"revenue": "0", "cost": "0", "reason": "There was no such deal"}
    corrected = await api.made(f"{client}/deals/{row['part_id']}/correct", body)
    value = (await api.get(client + "/value", after=corrected["position"])).json()
    assert [(each["purchases"], each["revenue"]) for each in value["realised"]] in ([], [(0, "0.00")])
    card = (await api.get(client, after=corrected["position"])).json()
    assert card["step"] == "account_service"


async def test_of_a_dry_run_nothing_is_there_to_undo(base: Api) -> None:
    found = await imported_deals(base, dry_run="true")
    refused = (await base.post(f"/imports/{found['id']}/undo")).json()
    assert (refused["code"], refused["facts"]["dry_run"]) == ("import_not_done", True)
