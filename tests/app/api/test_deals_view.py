"""Deals over HTTP: the lists, the forecast and the outcomes."""

from tests.app.api.conftest import CONTACT, Api


async def in_first_deal(api: Api, **fields: str) -> str:
    """The path of a client that the caller works in the first deal."""
    client = await api.lead(**fields)
    person = await api.made(client + "/key-persons", {"name": "Anna", "role": "decides", "personality_type": "driver"})
    await api.made(client + "/contacts", CONTACT | {"key_person_id": person["key_person_id"]})
    await api.made(client + "/qualify", {"need": "Pipes"})
    offer = await api.made(client + "/handoffs")
    await api.made(f"{client}/handoffs/{offer['handoff_id']}/accept")
    return client


async def test_forecast_outcomes_and_the_deals_behind_them(api: Api) -> None:
    client = await in_first_deal(api, origin="exhibition")
    opened = {"title": "Trial", "amount": "12000", "currency": "EUR", "close_on": "2031-05-31", "probability": 60}
    deal = await api.made(client + "/deals", opened)
    await api.made(client + "/deals", {"amount": "50", "currency": "RUB"})
    lost = await api.made(client + "/deals", {"amount": "70", "currency": "EUR"})
    await api.made(f"{client}/deals/{lost['deal_id']}/lose", {"reason": "terms"})
    found = (await api.get("/reports/forecast", by="employee", after=lost["position"] + 1)).json()
    [item] = found["items"]
    assert (item["month"], item["amount"], item["weighted"]) == ("2031-05", "12000.00", "7200.00")
    assert item["employee"]["name"] == "Head"
    assert [(each["currency"], each["amount"], each["unweighted"]) for each in found["undated"]] == [
        ("RUB", "50.00", 1)
    ]
    assert found["total"]["EUR"]["deals"] == 1

    won = {"revenue": "11000", "cost": "8000", "reason": "speed", "comment": "Within a week"}
    after = (await api.made(f"{client}/deals/{deal['deal_id']}/win", won))["position"]
    report = (await api.get("/reports/deal-outcomes", by="stage", after=after)).json()
    assert report["total"]["amounts"] == {"EUR": {"won": "11000.00", "lost": "70.00"}}
    assert [(each["stage"], each["won_by_reason"], each["lost_by_reason"]) for each in report["items"]] == [
        ("first_deal", {"speed": 1}, {"terms": 1})
    ]
    listed = (await api.get("/deals", state="won", reason="speed", origin="exhibition")).json()["items"]
    assert [(each["id"], each["amount"], each["employee"]["code"]) for each in listed] == [
        (deal["deal_id"], "11000.00", "head")
    ]
    past = (await api.get("/reports/forecast", as_of="2020-01-01T00:00:00Z")).json()
    assert (past["items"], past["total"]) == ([], {})


async def test_bounds_that_make_no_sense(api: Api) -> None:
    answer = await api.get("/reports/forecast", close_from="2030-02-01", close_to="2030-01-01")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["close_to"])
    assert (await api.get("/deals", cursor="x")).status_code == 422
    assert (await api.get("/deals", employee_id="x")).status_code == 422
