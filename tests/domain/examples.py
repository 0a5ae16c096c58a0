"""One command of every kind and all events, for the rules that hold for all of them."""

from decimal import Decimal
from importlib import import_module
from pkgutil import walk_packages

import domain
from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deals import LoseDeal, LossReason, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.fulfilment import CancelOrder, PlaceOrder, RecordPayment
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.registration import RegisterClient
from domain.client.tasks import CancelTask, CompleteTask, PostponeTask, SetTask
from domain.employee import ChangeEmployee, LeaveFirm, RegisterEmployee
from domain.kernel import EVENTS as REGISTERED_EVENTS
from domain.kernel import Command, Event
from domain.regulation.attributes import Attribute, AttributeKind, DeclareAttribute
from domain.regulation.mode import SetMode
from domain.regulation.step_rules import SetStepRules, StepRules
from domain.regulation.working_time import SetTimeZone
from domain.types import Channel, Mode, Step
from tests.domain.facts import DEAL, HANDOFF, ORDER, PERSON, TASK
from tests.spec import SELLER, day

for _module in walk_packages(domain.__path__, "domain."):
    import_module(_module.name)

EVENTS: dict[str, type[Event]] = {
    topic: event for topic, event in sorted(REGISTERED_EVENTS.items()) if event.__module__.startswith("domain.")
}
"""All events of the trade by topic; tests elsewhere may register some of their own."""

CLIENT_COMMANDS: tuple[Command, ...] = (
    RegisterClient(name="Steelworks", origin="cold_base"),
    ChangeCard(region="Ural"),
    AddKeyPerson(name="Anna"),
    ChangeKeyPerson(key_person_id=PERSON, name="Anna"),
    RemoveKeyPerson(key_person_id=PERSON),
    RecordContact(channel=Channel.PHONE, direction=Direction.INBOUND, outcome=Outcome.OTHER, summary="Called us"),
    SetTask(text="Call", due_at=day(1)),
    CompleteTask(task_id=TASK),
    PostponeTask(task_id=TASK, due_at=day(2)),
    CancelTask(task_id=TASK),
    AssignEmployee(employee_id=SELLER.id),
    QualifyClient(need="Pipes"),
    DisqualifyClient(reason=DisqualificationReason.OTHER),
    ReopenClient(),
    OfferHandoff(),
    AcceptHandoff(handoff_id=HANDOFF),
    ReturnHandoff(handoff_id=HANDOFF, reason=ReturnReason.OTHER),
    WithdrawHandoff(handoff_id=HANDOFF),
    ExpireHandoff(handoff_id=HANDOFF),
    OpenDeal(amount=Decimal(1), currency="EUR"),
    WinDeal(deal_id=DEAL, revenue=Decimal(1), cost=Decimal(0)),
    LoseDeal(deal_id=DEAL, reason=LossReason.OTHER),
    ReopenDeal(deal_id=DEAL),
    PlaceOrder(amount=Decimal(1), currency="EUR"),
    CancelOrder(order_id=ORDER),
    RecordPayment(amount=Decimal(1), currency="EUR"),
    RecordDecision(text="Wait"),
    ArchiveClient(),
    RestoreClient(),
)
EMPLOYEE_COMMANDS: tuple[Command, ...] = (
    RegisterEmployee(code="petrov", name="Petrov"),
    ChangeEmployee(department="Sales"),
    LeaveFirm(),
)
REGULATION_COMMANDS: tuple[Command, ...] = (
    SetStepRules(step=Step.FIRST_DEAL, rules=StepRules(max_deals_before_handoff=2)),
    SetMode(mode=Mode.SINGLE),
    SetTimeZone(time_zone="Europe/Moscow"),
    DeclareAttribute(attribute=Attribute(name="staff", kind=AttributeKind.NUMBER)),
)
COMMANDS = CLIENT_COMMANDS + EMPLOYEE_COMMANDS + REGULATION_COMMANDS
