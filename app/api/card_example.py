"""A client's card, for the documentation."""

from typing import Any

_EMPLOYEE = {"id": "5c9a4a55-6a10-5f0a-9d8b-0d5f7f1e2b3c", "code": "ivanova", "name": "Irina Ivanova"}
_CLIENT_ID = "0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11"

CARD_EXAMPLE: dict[str, Any] = {
    "id": _CLIENT_ID,
    "version": 9,
    "registered_at": "2030-02-01T08:00:00Z",
    "external_id": None,
    "name": "Romashka LLC",
    "kind": "company",
    "tax_id": "7701234567",
    "phones": ["+7 495 123-45-67"],
    "emails": ["info@romashka.example"],
    "site": None,
    "region": "Ural",
    "industry": "metallurgy",
    "size": None,
    "turnover": None,
    "currency": "EUR",
    "origin": "cold_base",
    "category": "A",
    "category_basis": {"rule": "Large firms", "overridden_at": None},
    "personality_type": "driver",
    "preferences": None,
    "specifics": None,
    "usual_channel": "phone",
    "purchase_interval": "quarterly",
    "expected_purchase": "10000.00",
    "retention_years": "3",
    "attributes": {"fleet_size": "40"},
    "status": "active",
    "merged_into": None,
    "step": "first_deal",
    "step_since": "2030-03-04T09:30:00Z",
    "owner": _EMPLOYEE,
    "owners": {"lead_generation": _EMPLOYEE, "first_deal": _EMPLOYEE},
    "need": "Pipes, 40 tonnes a month",
    "qualification": None,
    "disqualification": None,
    "archiving": None,
    "next_step": {
        "id": "3f6f2c0a-0d1b-4c55-9b43-6f7a9a5f8d21",
        "text": "Send the price list",
        "due_at": "2030-03-12T09:00:00Z",
        "employee": _EMPLOYEE,
    },
    "tasks": [],
    "inquiries": [
        {
            "id": "5f6c1f0a-2b4e-4f9a-8c3d-7a1e9b0d2c44",
            "channel": "email",
            "subject": "Pipes",
            "text": "What do forty tonnes of pipes cost?",
            "key_person_id": None,
            "received_at": "2030-03-11T09:00:00Z",
            "due_at": "2030-03-11T13:00:00Z",
        }
    ],
    "obligations": [
        {
            "id": "3f6f2c0a-0d1b-4c55-9b43-6f7a9a5f8d22",
            "deal_id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
            "text": "Train two operators on site",
            "due_at": "2030-03-20T09:00:00Z",
            "breached": False,
            "cost": "600.00",
            "currency": "EUR",
            "employee": _EMPLOYEE,
        }
    ],
    "handoff": None,
    "handoffs": [
        {
            "id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
            "from_step": "lead_generation",
            "to_step": "first_deal",
            "offered_at": "2030-03-04T08:00:00Z",
            "state": "accepted",
            "answered_at": "2030-03-04T09:30:00Z",
        }
    ],
    "deals": [
        {
            "id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
            "state": "won",
            "title": "Trial delivery",
            "amount": "12000.00",
            "currency": "EUR",
            "since": "2030-03-09T10:00:00Z",
            "close_on": None,
            "probability": 60,
            "step": "first_deal",
            "opened_at": "2030-03-05T09:00:00Z",
        }
    ],
    "orders": [],
    "contacts": [
        {
            "id": "b1a7f7a2-5d0e-4d0f-8a53-1f2f3c9f4e10",
            "occurred_at": "2030-03-10T12:00:00Z",
            "channel": "phone",
            "direction": "outbound",
            "outcome": "reached",
            "summary": "Asked for a price list",
            "agreed": "A call on Thursday",
            "key_person_id": None,
            "employee": _EMPLOYEE,
        }
    ],
    "key_persons": [],
    "money": [
        {
            "currency": "EUR",
            "won_deals": 1,
            "revenue": "12000.00",
            "cost": "8000.00",
            "margin": "4000.00",
            "orders": 0,
            "ordered": "0.00",
            "paid": "12000.00",
            "open_deals": 0,
            "expected": "0.00",
        }
    ],
    "last_purchase": {
        "kind": "deal",
        "id": "7d8b0a54-8a55-4b8e-9a3f-2c6d7e8f9a01",
        "at": "2030-03-09T10:00:00Z",
        "amount": "12000.00",
        "currency": "EUR",
    },
    "dormant_from": "2030-09-07T22:00:00Z",
    "counts": {
        "contacts": 1,
        "key_persons": 0,
        "open_inquiries": 1,
        "open_tasks": 1,
        "open_obligations": 1,
        "handoffs": 1,
        "open_deals": 0,
        "won_deals": 1,
        "orders": 0,
    },
}
