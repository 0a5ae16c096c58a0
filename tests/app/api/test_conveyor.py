"""A client's way through all three steps, as three people send it over HTTP."""

from domain.types import Role, Step
from tests.app.api.conftest import CONTACT, LEAD, Api, Staff


class TestConveyor:
    async def test_a_lead_becomes_a_served_client(self, staff: Staff) -> None:
        await staff.hire("caller", Role.COLD_CONTACT_MANAGER, steps=frozenset({Step.LEAD_GENERATION}))
        closer_id = await staff.hire("closer", Role.CLOSING_MANAGER, steps=frozenset({Step.FIRST_DEAL}))
        await staff.hire("account", Role.ACCOUNT_MANAGER, steps=frozenset({Step.ACCOUNT_SERVICE}))
        caller, closer, account = [await staff.api(code) for code in ("caller", "closer", "account")]

        client = "/clients/" + (await caller.made("/clients", LEAD))["id"]
        person = {"name": "Anna Petrova", "role": "decides", "personality_type": "driver"}
        key_person_id = (await caller.made(client + "/key-persons", person))["key_person_id"]
        await caller.made(client + "/contacts", CONTACT | {"key_person_id": key_person_id})
        await caller.made(client + "/qualify", {"need": "Pipes"})
        first = await caller.made(client + "/handoffs", {"to_employee_id": str(closer_id)})
        await closer.made(f"{client}/handoffs/{first['handoff_id']}/accept")

        deal = await closer.made(client + "/deals", {"amount": "12000", "currency": "EUR"})
        await closer.made(f"{client}/deals/{deal['deal_id']}/change", {"amount": "11000", "probability": 90})
        won = await closer.made(f"{client}/deals/{deal['deal_id']}/win", {"revenue": "12000", "cost": "8000"})
        second = await closer.made(client + "/handoffs")
        await account.made(f"{client}/handoffs/{second['handoff_id']}/accept", {})

        order = await account.made(client + "/orders", {"amount": "10000.50", "currency": "EUR"})
        paid = await account.made(
            client + "/payments", {"amount": "10000.50", "currency": "EUR", "order_id": order["order_id"]}
        )
        assert won["version"] == 9
        assert paid["version"] == 13
        assert paid["payment_id"]

        beyond = {"amount": "12000.01", "currency": "EUR", "deal_id": deal["deal_id"]}
        refused = await account.post(client + "/orders", beyond)
        assert (refused.status_code, refused.json()["code"]) == (409, "order_exceeds_deal")
        facts = {name: refused.json()["facts"][name] for name in ("revenue", "ordered", "amount")}
        assert facts == {"revenue": "12000", "ordered": "0", "amount": "12000.01"}

    async def test_every_other_command_of_a_client(self, api: Api, staff: Staff) -> None:
        other = str(await staff.hire("other", Role.COLD_CONTACT_MANAGER))
        client = await api.lead()
        due, later = "2030-01-15T10:00:00+03:00", "2030-02-15T10:00:00+03:00"
        await api.made(client + "/card", {"category": "VIP"})
        person = (await api.made(client + "/key-persons", {"name": "Anna"}))["key_person_id"]
        await api.made(f"{client}/key-persons/{person}/change", {"personality_type": "driver"})
        await api.made(f"{client}/key-persons/{person}/remove")
        for answer, body in (("complete", {}), ("postpone", {"due_at": later}), ("cancel", {"reason": "moot"})):
            task = (await api.made(client + "/tasks", {"text": "Call", "due_at": due}))["task_id"]
            await api.made(f"{client}/tasks/{task}/{answer}", body)
        await api.made(client + "/assignments", {"employee_id": other})
        await api.made(client + "/decisions", {"text": "No prepayment"})
        await api.made(client + "/disqualify", {"reason": "no_need"})
        await api.made(client + "/reopen")
        await api.made(client + "/archive")
        last = await api.made(client + "/restore")
        assert last["version"] == 17

    async def test_a_contact_with_a_next_step_answers_both_ids(self, api: Api) -> None:
        client = await api.lead()
        body = CONTACT | {"next_step": {"text": "Call again", "due_at": "2030-01-15T10:00:00+03:00"}}
        answer = await api.made(client + "/contacts", body)
        assert answer["contact_id"] != answer["task_id"]
        assert answer["version"] == 3
