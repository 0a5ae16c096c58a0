"""Obligations over HTTP: on the deal, on the card, in the packet of a handoff and as a worklist."""

from typing import Any

from domain.types import Role
from tests.app.api.conftest import Api, Staff

EARLIER, LATER = "2026-03-01T09:00:00Z", "2030-01-15T10:00:00Z"
TRAIN = {"text": "Train two operators", "due_at": "2026-03-20T09:00:00Z", "cost": "600"}


async def get(api: Api, path: str, after: int = 0, **params: Any) -> Any:
    answer = await api.get(path, **params, **({"after": after} if after else {}))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def client_with_deal(api: Api, on: str = EARLIER, amount: str = "12000", **deal: Any) -> tuple[str, str]:
    """The path of a client in the first deal, and of its open deal."""
    me = (await api.get("/me")).json()["employee_id"]
    client = await api.lead(occurred_at=on, owner_id=me)
    person = {"name": "Anna", "personality_type": "driver", "occurred_at": on}
    key_person = (await api.made(client + "/key-persons", person))["key_person_id"]
    contact = {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Wants pipes"}
    await api.made(client + "/contacts", contact | {"key_person_id": key_person, "occurred_at": on})
    await api.made(client + "/qualify", {"need": "Pipes", "occurred_at": on})
    offer = await api.made(client + "/handoffs", {"occurred_at": on, "to_employee_id": me})
    accept = f"{client}/handoffs/{offer['handoff_id']}/accept"
    answer = await api.post(accept, {"occurred_at": on})
    assert answer.is_success or answer.json()["code"] == "handoff_not_waiting", answer.text
    opening = {"title": "Trial", "amount": amount, "currency": "EUR", "occurred_at": on} | deal
    made = await api.made(client + "/deals", opening)
    return client, f"{client}/deals/{made['deal_id']}"


async def test_undertaken_moved_fulfilled_and_waived(api: Api, staff: Staff) -> None:
    closer = str(await staff.hire("closer", Role.CLOSING_MANAGER))
    await api.made(f"/employees/{closer}/change", {"department": "North"})
    client, deal = await client_with_deal(api)
    train = (await api.made(deal + "/obligations", TRAIN | {"employee_id": closer}))["obligation_id"]
    spare = (await api.made(deal + "/obligations", TRAIN | {"text": "Spare parts", "due_at": LATER}))["obligation_id"]
    manual = await api.made(deal + "/obligations", TRAIN | {"text": "Manual", "cost": "50.50"})
    after = manual["position"]

    card = await get(api, client, after)
    shown = {owed["text"]: (owed["breached"], owed["cost"]) for owed in card["obligations"]}
    assert shown == {
        "Train two operators": (True, "600.00"),
        "Manual": (True, "50.50"),
        "Spare parts": (False, "600.00"),
    }
    assert card["counts"]["open_obligations"] == 3
    before = await get(api, client, after, at="2026-03-10T09:00:00Z")
    assert before["obligations"] == []

    worklist = await get(api, "/obligations", after)
    assert [item["text"] for item in worklist["items"]][2] == "Spare parts"
    assert worklist["items"][0]["deal_title"] == "Trial"
    breached = await get(api, "/obligations", after, breached=True, department="North")
    (item,) = breached["items"]
    assert (item["id"], item["employee"]["code"], item["client_name"]) == (train, "closer", "Northern Steel")
    first = await get(api, "/obligations", after, limit=1)
    rest = await get(api, "/obligations", after, cursor=first["next_cursor"])
    assert len(rest["items"]) == 2
    assert (await get(api, "/obligations", after, employee_id=closer, to="2026-03-19"))["items"] == []

    one = client + "/obligations/"
    await api.made(one + train + "/postpone", {"due_at": LATER, "reason": "They asked for it"})
    await api.made(one + spare + "/waive", {"reason": "Bought elsewhere"})
    last = await api.made(one + manual["obligation_id"] + "/fulfil", {"cost": "40"})
    (left,) = (await get(api, "/obligations", last["position"]))["items"]
    assert (left["id"], left["postponed"], left["breached"]) == (train, 1, False)
    (done,) = (await get(api, "/obligations", last["position"], state="fulfilled"))["items"]
    assert (done["cost"], done["late"], done["ended_by"]["code"]) == ("40.00", True, "head")
    (gone,) = (await get(api, "/obligations", last["position"], state="waived"))["items"]
    assert gone["comment"] == "Bought elsewhere"

    again = await api.post(one + spare + "/fulfil")
    assert (again.status_code, again.json()["code"]) == (409, "obligation_not_open")
    unknown = await api.post(one + deal.rpartition("/")[2] + "/fulfil")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_obligation")
    for field, wrong in {"cost": "-1", "due_at": "soon", "text": ""}.items():
        answer = await api.post(deal + "/obligations", TRAIN | {field: wrong})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])

    await api.made(deal + "/win", {"revenue": "12000", "cost": "8000"})
    offer = await api.made(client + "/handoffs")
    packet = (await api.get(f"{client}/handoffs/{offer['handoff_id']}")).json()["packet"]
    assert [(owed["id"], owed["text"]) for owed in packet["open_obligations"]] == [(train, "Train two operators")]
