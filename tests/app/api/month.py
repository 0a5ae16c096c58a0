"""What a month of team work is walked with: a clock, leads, calls, handoffs and distributions."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.app.api.conftest import CONTACT, Api, Staff

BEGIN = datetime.now(UTC) - timedelta(days=31.5)


class Clock:
    """The clock of the service; the month ends today."""

    def __init__(self) -> None:
        self.day = 0.0

    def now(self, _: Any) -> datetime:
        self.day += 1e-5
        return BEGIN + timedelta(days=self.day)


async def items(api: Api, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await api.get(path, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def leads(api: Api, **fields: Any) -> dict[str, str]:
    """New clients by name: each name with what differs from a plain lead."""
    return {
        name: (await api.lead(name=name, allow_duplicate={"reason": "Another works"}, **more)).removeprefix("/clients/")
        for name, more in fields.items()
    }


async def find_out(api: Api, client: str, kind: str) -> None:
    """Call the client: who decides there, and of which type he is."""
    person = await api.made(
        f"/clients/{client}/key-persons", {"name": "Anna", "role": "decides", "personality_type": kind}
    )
    await api.made(f"/clients/{client}/contacts", CONTACT | {"key_person_id": person["key_person_id"]})


async def hand_on(api: Api, staff: Staff, client: str) -> None:
    """Qualify the client and let the closer take it over."""
    await api.made(f"/clients/{client}/qualify", {"need": "Pipes"})
    offer = await api.made(f"/clients/{client}/handoffs")
    await (await staff.api("closer")).made(f"/clients/{client}/handoffs/{offer['handoff_id']}/accept")


async def applied(api: Api, plan: dict[str, Any]) -> dict[str, Any]:
    """The distribution, once it has been applied."""
    path = f"/distributions/{plan['id']}"
    answer = await api.post(path + "/apply")
    assert answer.status_code == 202, answer.text
    found = answer.json()
    for _ in range(200):
        if found["stage"] == "applied":
            return found
        await asyncio.sleep(0.05)
        found = (await api.get(path)).json()
    raise AssertionError(found)


async def owners(api: Api, clients: dict[str, str]) -> dict[str, str | None]:
    """Who works each client, by its name."""
    after = (await api.made(f"/clients/{next(iter(clients.values()))}/decisions", {"text": "Look"}))["position"]
    found: dict[str, str | None] = {}
    for name, key in clients.items():
        owner = (await api.get(f"/clients/{key}", after=after)).json()["owner"]
        found[name] = owner and owner["code"]
    return found


async def offered(staff: Staff, clients: dict[str, str], name: str, owner: str, to: str | None = None) -> str:
    """The path of an offer of a lead by whoever works it."""
    path = f"/clients/{clients[name]}/exchanges"
    made = await (await staff.api(owner)).made(path, {"to_employee_id": to} if to else {})
    return f"{path}/{made['exchange_id']}"
