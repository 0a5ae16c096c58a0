"""Facts and histories that many tests begin with."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.client.deal_events import DealOpened, DealWon
from domain.client.handoff_events import HandoffAccepted, HandoffOffered, Packet
from domain.client.key_persons import KeyPersonAdded
from domain.client.obligations import ObligationUndertaken
from domain.client.qualification import ClientQualified
from domain.client.registration import ClientRegistered
from domain.employee import Employee
from domain.regulation.step_rules import Criterion
from domain.types import Channel, DecisionRole, Step
from tests.spec import CLOSER, MANAGER, SELLER, Fact, at, day

PERSON, CONTACT, TASK = UUID(int=0xA1), UUID(int=0xB1), UUID(int=0xC1)
DEAL, SECOND_DEAL, ORDER = UUID(int=0xD1), UUID(int=0xD2), UUID(int=0xE1)
INQUIRY, OBLIGATION, APPROVAL = UUID(int=0xAB1), UUID(int=0xAB2), UUID(int=0xAB3)
TEAM, EXCHANGE = UUID(int=0x7EA), UUID(int=0xE7)
INVOICE, PAYMENT = UUID(int=0x1A), UUID(int=0xBA)
ARRIVAL, SHIPMENT = UUID(int=0xA51), UUID(int=0x5A1)
HANDOFF, SECOND_HANDOFF = UUID(int=0xF1), UUID(int=0xF2)

FOURTH_DAY, FIFTH_DAY = day(3), day(4)

REGISTERED = ClientRegistered(name="Steelworks", origin="cold_base", kind="company")
ASSIGNED = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
ANNA = KeyPersonAdded(key_person_id=PERSON, name="Anna Petrova", role=DecisionRole.DECIDES, personality_type="driver")
REACHED = ContactRecorded(
    contact_id=CONTACT,
    channel=Channel.PHONE,
    direction=Direction.OUTBOUND,
    outcome=Outcome.REACHED,
    summary="Needs pipes",
    key_person_id=PERSON,
)
QUALIFIED = ClientQualified(step=Step.LEAD_GENERATION, criteria=tuple(Criterion), need="Pipes")
OPENED = DealOpened(deal_id=DEAL, step=Step.FIRST_DEAL, title="Pipes", amount=Decimal(1000), currency="EUR")
WON = DealWon(deal_id=DEAL, step=Step.FIRST_DEAL, revenue=Decimal(900), cost=Decimal(600), currency="EUR")
UNDERTAKEN = ObligationUndertaken(
    obligation_id=OBLIGATION,
    deal_id=DEAL,
    text="Train two operators",
    due_at=day(20),
    cost=Decimal(60),
    currency="EUR",
    employee_id=CLOSER.id,
)

EMPTY_PACKET = Packet(
    personality_type=None, category=None, need=None, key_persons=(), last_contacts=(), open_tasks=(), deals=()
)


def offered(
    to_step: Step,
    to: Employee | None,
    *,
    from_step: Step = Step.LEAD_GENERATION,
    sender: Employee = SELLER,
    handoff_id: UUID = HANDOFF,
    on: datetime = FOURTH_DAY,
) -> Fact:
    """An offer, due a day and expiring three days later."""
    event = HandoffOffered(
        handoff_id=handoff_id,
        from_step=from_step,
        to_step=to_step,
        from_employee_id=sender.id,
        to_employee_id=to and to.id,
        due_at=on + timedelta(days=1),
        expires_at=on + timedelta(days=3),
        packet=EMPTY_PACKET,
    )
    return at(on, event, sender)


def accepted(
    to_step: Step,
    by: Employee,
    *,
    from_step: Step = Step.LEAD_GENERATION,
    handoff_id: UUID = HANDOFF,
    on: datetime = FIFTH_DAY,
) -> Fact:
    """The acceptance of an offer."""
    event = HandoffAccepted(handoff_id=handoff_id, from_step=from_step, to_step=to_step, employee_id=by.id)
    return at(on, event, by)


LEAD = (REGISTERED, ASSIGNED, at(day(1), ANNA), at(day(1), REACHED))
"""A lead that may be qualified from the second day on."""
QUALIFIED_LEAD = (*LEAD, at(day(2), QUALIFIED))
OFFERED = (*QUALIFIED_LEAD, offered(Step.FIRST_DEAL, CLOSER))
"""On the fourth day the closer is asked to take the client over."""
IN_FIRST_DEAL = (*OFFERED, accepted(Step.FIRST_DEAL, CLOSER))
WITH_DEAL = (*IN_FIRST_DEAL, at(day(5), OPENED, CLOSER))
WITH_OBLIGATION = (*WITH_DEAL, at(day(6), UNDERTAKEN, CLOSER))
"""Two operators have to be trained by the twentieth day."""
WITH_WON_DEAL = (*WITH_DEAL, at(day(6), WON, CLOSER))
OFFERED_TO_SERVICE = (
    *WITH_WON_DEAL,
    offered(
        Step.ACCOUNT_SERVICE,
        MANAGER,
        from_step=Step.FIRST_DEAL,
        sender=CLOSER,
        handoff_id=SECOND_HANDOFF,
        on=day(7),
    ),
)
IN_SERVICE = (
    *OFFERED_TO_SERVICE,
    accepted(Step.ACCOUNT_SERVICE, MANAGER, from_step=Step.FIRST_DEAL, handoff_id=SECOND_HANDOFF, on=day(8)),
)
"""An account since the ninth day."""
