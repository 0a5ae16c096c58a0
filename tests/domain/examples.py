"""One command of every kind and all events, for the rules that hold for all of them."""

from decimal import Decimal
from importlib import import_module
from pkgutil import walk_packages

import domain
from domain.calendar import NINE_TO_SIX, Weekday
from domain.client.account_events import CreditKind
from domain.client.approvals import GiveApproval, RefuseApproval, RequestApproval
from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee, TakePlannedLead
from domain.client.card import ChangeCard
from domain.client.categories import ApplyCategoryRules, AssignCategory, ReleaseCategory
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deal_correction import CorrectDeal
from domain.client.deal_reasons import LossReason
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.documents import SendDocument, SendProposal
from domain.client.duplicates import DismissDuplicate
from domain.client.exchanges import (
    AcceptExchange,
    DeclineExchange,
    ExpireExchange,
    OfferExchange,
    WithdrawExchange,
)
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.inquiries import AnswerInquiry, CloseInquiry, ClosingReason, ReceiveInquiry
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.merging import AbsorbClient, MergeClient, ReleaseClient, UnmergeClient
from domain.client.obligations import FulfilObligation, PostponeObligation, UndertakeObligation, WaiveObligation
from domain.client.order_changes import CancelOrder, ConfirmOrder
from domain.client.order_delays import TellDelay
from domain.client.ordering import PlaceOrder, RequestOrderApproval
from domain.client.payments import AllocatePayment, CorrectPayment, RecordPayment, RefundMoney
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.questionnaires import AnswerQuestionnaire
from domain.client.registration import RegisterClient, WithdrawRegistration
from domain.client.shipments import DeliverShipment, ShipOrder, TakeBackGoods
from domain.client.tasks import CancelTask, CompleteTask, PassTaskOn, PostponeTask, SetTask
from domain.distribution.commands import ApplyDistribution, EditDistribution, RecordDistributed, RecordPlan
from domain.distribution.lines import Line, Reason, Seller
from domain.documents.content import TemplateVersion
from domain.documents.fields import DocumentKind
from domain.documents.template import CreateTemplate, PublishTemplate, RetireTemplate
from domain.employee import ChangeEmployee, LeaveFirm, RegisterEmployee, ReturnToFirm
from domain.kernel import EVENTS as REGISTERED_EVENTS
from domain.kernel import Command, Event
from domain.playbook import CreateScript, PublishScript, RetireScript, ScriptStep
from domain.policy import MarkPolicyRead, PublishPolicy
from domain.prediction.state import RecordFit
from domain.regulation.attributes import Attribute, AttributeKind, DeclareAttribute
from domain.regulation.categories import (
    CategoryRules,
    CommunicationStandard,
    SetCategoryRules,
    SetCommunicationStandard,
)
from domain.regulation.compatibility import SetCompatibility, SetTypes
from domain.regulation.discounts import DiscountRules, SetDiscountRules
from domain.regulation.exchange_rates import SetExchangeRate
from domain.regulation.expansion import SetExpansionPlan
from domain.regulation.margin import SetMinimumMargin
from domain.regulation.mode import SetMode
from domain.regulation.norms import DailyNorms, SetNorms
from domain.regulation.response_rules import SetResponseTime
from domain.regulation.step_rules import SetStepRules, StepRules
from domain.regulation.team_rules import SetTeamRules, TeamRules
from domain.regulation.working_time import (
    ClearCalendarDay,
    SetCalendarDay,
    SetPublicHolidays,
    SetTimeZone,
    SetWorkingHours,
)
from domain.search_assignment import ChangeSearchAssignment, CloseSearchAssignment, GiveSearchAssignment
from domain.team_work.commands import ChangeTeam, EndTeamWork, HoldReview, RecordReview, SetTeamStage, StartTeamWork
from domain.team_work.events import TeamStage
from domain.types import Category, Channel, Mode, Role, Step, Variant
from tests.domain.facts import (
    APPROVAL,
    DEAL,
    EXCHANGE,
    HANDOFF,
    INQUIRY,
    INVOICE,
    OBLIGATION,
    ORDER,
    PAYMENT,
    PERSON,
    SHIPMENT,
    TASK,
    TEAM,
)
from tests.domain.goods_examples import GOODS_COMMANDS
from tests.spec import MANAGER, SELLER, day

for _module in walk_packages(domain.__path__, "domain."):
    import_module(_module.name)

EVENTS: dict[str, type[Event]] = {
    topic: event for topic, event in sorted(REGISTERED_EVENTS.items()) if event.__module__.startswith("domain.")
}
"""All events of the trade by topic; tests elsewhere may register some of their own."""

CLIENT_COMMANDS: tuple[Command, ...] = (
    RegisterClient(name="Steelworks", origin="cold_base"),
    ChangeCard(region="Ural"),
    AssignCategory(category=Category.VIP, reason="Well known"),
    ReleaseCategory(),
    ApplyCategoryRules(),
    AddKeyPerson(name="Anna"),
    ChangeKeyPerson(key_person_id=PERSON, name="Anna"),
    RemoveKeyPerson(key_person_id=PERSON),
    RecordContact(channel=Channel.PHONE, direction=Direction.INBOUND, outcome=Outcome.OTHER, summary="Called us"),
    ReceiveInquiry(channel=Channel.EMAIL, text="What do pipes cost?"),
    AnswerInquiry(inquiry_id=INQUIRY, text="920 a tonne"),
    CloseInquiry(inquiry_id=INQUIRY, reason=ClosingReason.SPAM),
    SetTask(text="Call", due_at=day(1)),
    CompleteTask(task_id=TASK),
    PostponeTask(task_id=TASK, due_at=day(2)),
    PassTaskOn(task_id=TASK, employee_id=SELLER.id),
    CancelTask(task_id=TASK),
    AssignEmployee(employee_id=SELLER.id),
    TakePlannedLead(employee_id=SELLER.id, distribution_id=PERSON, step=Step.LEAD_GENERATION, score=Decimal(1)),
    QualifyClient(need="Pipes"),
    DisqualifyClient(reason=DisqualificationReason.OTHER),
    ReopenClient(),
    OfferHandoff(),
    AcceptHandoff(handoff_id=HANDOFF),
    ReturnHandoff(handoff_id=HANDOFF, reason=ReturnReason.OTHER),
    WithdrawHandoff(handoff_id=HANDOFF),
    ExpireHandoff(handoff_id=HANDOFF),
    OfferExchange(),
    AcceptExchange(exchange_id=EXCHANGE),
    DeclineExchange(exchange_id=EXCHANGE),
    WithdrawExchange(exchange_id=EXCHANGE),
    ExpireExchange(exchange_id=EXCHANGE),
    OpenDeal(amount=Decimal(1), currency="EUR"),
    ChangeDeal(deal_id=DEAL, amount=Decimal(2)),
    WinDeal(deal_id=DEAL, revenue=Decimal(1), cost=Decimal(0)),
    CorrectDeal(deal_id=DEAL, revenue=Decimal(2), reason="Misread"),
    RequestApproval(deal_id=DEAL, reason="The first deal"),
    GiveApproval(approval_id=APPROVAL, reason="Worth it"),
    RefuseApproval(approval_id=APPROVAL, reason="Too dear"),
    LoseDeal(deal_id=DEAL, reason=LossReason.OTHER),
    ReopenDeal(deal_id=DEAL),
    DraftProposal(lines=(WantedLine(text="Pipes", price=Decimal(1)),), currency="EUR", valid_until=day(200).date()),
    ReviseProposal(proposal_id=DEAL, discount=Decimal(5)),
    SendProposal(proposal_id=DEAL, template_id=TASK),
    AcceptProposal(proposal_id=DEAL),
    DeclineProposal(proposal_id=DEAL, reason=LossReason.OTHER),
    ExpireProposal(proposal_id=DEAL),
    SendDocument(template_id=TASK),
    AnswerQuestionnaire(template_id=TASK, answers={"industry": "metallurgy"}),
    UndertakeObligation(deal_id=DEAL, text="Train them", due_at=day(20)),
    FulfilObligation(obligation_id=OBLIGATION),
    PostponeObligation(obligation_id=OBLIGATION, due_at=day(30), reason="Agreed"),
    WaiveObligation(obligation_id=OBLIGATION, reason="Not wanted"),
    PlaceOrder(amount=Decimal(1), currency="EUR"),
    RequestOrderApproval(amount=Decimal(1), currency="EUR", reason="Worth it"),
    CancelOrder(order_id=ORDER),
    ConfirmOrder(order_id=ORDER),
    TellDelay(order_id=ORDER),
    ShipOrder(order_id=ORDER),
    DeliverShipment(order_id=ORDER, shipment_id=SHIPMENT),
    TakeBackGoods(order_id=ORDER),
    IssueInvoice(order_id=ORDER),
    CreditInvoice(invoice_id=INVOICE, kind=CreditKind.CORRECTION),
    RecordPayment(amount=Decimal(1), currency="EUR"),
    AllocatePayment(payment_id=PAYMENT),
    CorrectPayment(payment_id=PAYMENT, amount=Decimal(1)),
    RefundMoney(amount=Decimal(1), currency="EUR"),
    RecordDecision(text="Wait"),
    MergeClient(into_id=SELLER.id, reason="One firm"),
    UnmergeClient(reason="Two firms"),
    AbsorbClient(client_id=SELLER.id),
    ReleaseClient(client_id=SELLER.id),
    DismissDuplicate(other_id=SELLER.id, reason="Two works of one holding"),
    ArchiveClient(),
    RestoreClient(),
    WithdrawRegistration(import_id=PERSON),
)
EMPLOYEE_COMMANDS: tuple[Command, ...] = (
    RegisterEmployee(code="petrov", name="Petrov"),
    ChangeEmployee(department="Sales"),
    LeaveFirm(),
    ReturnToFirm(),
)
SCRIPT_COMMANDS: tuple[Command, ...] = (
    CreateScript(
        name="First call",
        step=Step.LEAD_GENERATION,
        channel=Channel.PHONE,
        steps=(ScriptStep(key="opening", prompt="Introduce yourself"),),
    ),
    PublishScript(steps=(ScriptStep(key="opening", prompt="Say who recommended you"),)),
    RetireScript(),
)
TEMPLATE_COMMANDS: tuple[Command, ...] = (
    CreateTemplate(
        name="Offer", kind=DocumentKind.PROPOSAL, content=TemplateVersion(title="Offer", body="{{client.name}}")
    ),
    PublishTemplate(content=TemplateVersion(title="Offer", body="For {{client.name}}")),
    RetireTemplate(),
)
SEARCH_ASSIGNMENT_COMMANDS: tuple[Command, ...] = (
    GiveSearchAssignment(title="Foundries", wanted=60, due_on=day(30).date()),
    ChangeSearchAssignment(wanted=80),
    CloseSearchAssignment(),
)
REGULATION_COMMANDS: tuple[Command, ...] = (
    SetExchangeRate(currency="USD", to="EUR", day=day(0).date(), rate=Decimal("0.92")),
    SetStepRules(step=Step.FIRST_DEAL, rules=StepRules(max_deals_before_handoff=2)),
    SetMode(mode=Mode.SINGLE),
    SetTimeZone(time_zone="Europe/Moscow"),
    SetResponseTime(working_hours=Decimal(2)),
    SetWorkingHours(week={Weekday.MONDAY: NINE_TO_SIX}),
    SetPublicHolidays(country=None),
    SetCalendarDay(day=day(1).date(), hours=None),
    ClearCalendarDay(day=day(1).date()),
    DeclareAttribute(attribute=Attribute(name="staff", kind=AttributeKind.NUMBER)),
    SetExpansionPlan(employee_id=MANAGER.id, month=day(-1).date(), currency="EUR", revenue_growth=Decimal(1)),
    SetNorms(role=Role.COLD_CONTACT_MANAGER, effective_from=day(0).date(), norms=DailyNorms()),
    SetCategoryRules(rules=CategoryRules(rules=(), default=Category.C)),
    SetCommunicationStandard(category=Category.VIP, standard=CommunicationStandard(contact_every_days=14)),
    SetMinimumMargin(percent=Decimal(15)),
    SetDiscountRules(rules=DiscountRules()),
    SetTypes(types=("cat", "shark")),
    SetTeamRules(rules=TeamRules(few_leads_per_seller=10)),
    SetCompatibility(scores={"driver": {"expressive": Decimal(1)}, "amiable": {"analytical": Decimal(0)}}),
)
DISTRIBUTION_COMMANDS: tuple[Command, ...] = (
    PublishPolicy(target_clients="Metal works", vip_clients="Large ones", rules="No client without a next step"),
    MarkPolicyRead(policy_version=1),
    RecordFit(
        currency="EUR",
        until=day(0),
        clients=2_357,
        repeating=946,
        r=0.243,
        alpha=4.414,
        a=0.793,
        b=2.426,
        log_likelihood=-9582.4,
        p=6.25,
        q=3.74,
        gamma=15.44,
        correlation=0.1,
    ),
    RecordPlan(
        step=Step.LEAD_GENERATION,
        sellers=(Seller(employee_id=SELLER.id, capacity=1),),
        lines=(Line(client_id=PERSON, employee_id=SELLER.id, score=Decimal(1), reason=Reason.BEST_SCORE),),
        total=Decimal(1),
        greedy_total=Decimal(1),
        greedy_given=1,
    ),
    EditDistribution(client_id=PERSON),
    ApplyDistribution(),
    RecordDistributed(assigned=(PERSON,)),
)
TEAM_WORK_COMMANDS: tuple[Command, ...] = (
    StartTeamWork(variant=Variant.TRUSTING, seller_ids=(SELLER.id,)),
    ChangeTeam(team_id=TEAM, deputy_id=None),
    SetTeamStage(team_id=TEAM, stage=TeamStage.MAIN),
    HoldReview(team_id=TEAM),
    RecordReview(team_id=TEAM, distribution_id=PERSON),
    EndTeamWork(team_id=TEAM),
)
COMMANDS = (
    *CLIENT_COMMANDS,
    *EMPLOYEE_COMMANDS,
    *REGULATION_COMMANDS,
    *SCRIPT_COMMANDS,
    *TEMPLATE_COMMANDS,
    *SEARCH_ASSIGNMENT_COMMANDS,
    *DISTRIBUTION_COMMANDS,
    *TEAM_WORK_COMMANDS,
    *GOODS_COMMANDS,
)
