"""Bodies that work, by command, for the documentation of the API."""

from typing import Any

from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.contacts import RecordContact
from domain.client.deals import LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.fulfilment import CancelOrder, PlaceOrder, RecordPayment
from domain.client.handoffs import OfferHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson
from domain.client.qualification import DisqualifyClient, QualifyClient, ReopenClient
from domain.client.registration import RegisterClient
from domain.client.tasks import CancelTask, CompleteTask, PostponeTask, SetTask
from domain.employee import ChangeEmployee, LeaveFirm, RegisterEmployee
from domain.kernel import Command
from domain.regulation import DeclareAttribute, SetMode, SetStepRules, SetTimeZone

_EMPLOYEE = "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"

EXAMPLES: dict[type[Command], list[dict[str, Any]]] = {
    RegisterClient: [
        {"name": "Northern Steel", "origin": "cold_base"},
        {
            "name": "Северная сталь",
            "origin": "exhibition",
            "tax_id": "7701234567",
            "phones": ["+7 495 123-45-67"],
            "region": "Moscow",
            "industry": "metallurgy",
            "category": "A",
            "purchase_interval": "quarterly",
            "expected_purchase": "10000",
            "currency": "EUR",
            "retention_years": "3",
        },
    ],
    ChangeCard: [{"category": "VIP", "industry": "metallurgy"}],
    AddKeyPerson: [
        {"name": "Anna Petrova", "position": "Head of purchasing", "role": "decides", "personality_type": "driver"}
    ],
    ChangeKeyPerson: [{"personality_type": "analytical"}],
    RecordContact: [
        {"channel": "phone", "direction": "outbound", "outcome": "reached", "summary": "Asked for an offer"},
        {
            "channel": "phone",
            "direction": "outbound",
            "outcome": "call_back",
            "summary": "Busy, interested",
            "duration_minutes": 5,
            "next_step": {"text": "Call again", "due_at": "2030-01-15T10:00:00+03:00"},
        },
    ],
    SetTask: [{"text": "Send the price list", "due_at": "2030-01-15T10:00:00+03:00"}],
    CompleteTask: [{"result": "Sent"}],
    PostponeTask: [{"due_at": "2030-01-20T10:00:00+03:00", "reason": "On holiday until then"}],
    CancelTask: [{"reason": "Not needed any more"}],
    AssignEmployee: [
        {"employee_id": _EMPLOYEE},
        {"employee_id": _EMPLOYEE, "failure_reason": "types_incompatible", "reason": "They did not get along"},
    ],
    QualifyClient: [{"need": "Pipes, 40 tonnes a month"}],
    DisqualifyClient: [{"reason": "no_need", "comment": "Has a plant of its own"}],
    ReopenClient: [{"comment": "The plant was sold"}],
    OfferHandoff: [{}, {"to_step": "first_deal", "to_employee_id": _EMPLOYEE, "comment": "Wants a meeting"}],
    ReturnHandoff: [{"reason": "incomplete", "comment": "Who signs is not known"}],
    WithdrawHandoff: [{"comment": "Offered too early"}],
    OpenDeal: [{"title": "Trial delivery", "amount": "12000.00", "currency": "EUR", "probability": 60}],
    WinDeal: [{"revenue": "12000.00", "cost": "8000.00"}],
    LoseDeal: [{"reason": "price", "comment": "10 % cheaper elsewhere"}],
    ReopenDeal: [{"comment": "The competitor did not deliver"}],
    PlaceOrder: [
        {"amount": "10000.00", "cost": "7000.00", "currency": "EUR"},
        {
            "number": "2030-17",
            "currency": "EUR",
            "lines": [{"article": "Pipe 40", "quantity": "10", "price": "25.50", "cost": "18"}],
        },
    ],
    CancelOrder: [{"reason": "Placed twice"}],
    RecordPayment: [{"amount": "10000.00", "currency": "EUR"}],
    RecordDecision: [{"text": "Work without prepayment", "basis": "Paid in time for two years"}],
    ArchiveClient: [{"reason": "The firm was closed"}],
    RestoreClient: [{"reason": "The firm was bought and works again"}],
    RegisterEmployee: [
        {"code": "ivanova", "name": "Irina Ivanova", "roles": ["closing_manager"], "steps": ["first_deal"]}
    ],
    ChangeEmployee: [{"capacity": 120, "personality_type": "expressive"}],
    LeaveFirm: [{"comment": "Moved to another city"}],
    SetStepRules: [{"rules": {"accept_within_working_days": 2, "max_deals_before_handoff": 2}}],
    SetMode: [{"mode": "lead_and_deal"}],
    SetTimeZone: [{"time_zone": "Europe/Moscow"}],
    DeclareAttribute: [{"attribute": {"name": "fleet_size", "kind": "number", "label": "Trucks"}}],
}
