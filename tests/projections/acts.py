"""What may be done with a client in a random history; what the rules refuse is left out of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.client.account_events import CreditKind
from domain.client.approvals import GiveApproval, RefuseApproval, RequestApproval
from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.categories import ApplyCategoryRules, AssignCategory, ReleaseCategory
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deal_correction import CorrectDeal
from domain.client.deal_reasons import LossReason, WinReason
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.documents import SendDocument
from domain.client.duplicates import DismissDuplicate
from domain.client.exchanges import AcceptExchange, DeclineExchange, ExpireExchange, OfferExchange, WithdrawExchange
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.merging import AbsorbClient, MergeClient, ReleaseClient, UnmergeClient
from domain.client.obligations import FulfilObligation, PostponeObligation, UndertakeObligation, WaiveObligation
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.client.payments import AllocatePayment, CorrectPayment, RecordPayment, RefundMoney
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.questionnaires import AnswerQuestionnaire
from domain.client.registration import WithdrawRegistration
from domain.client.shipments import DeliverShipment, ShipOrder, TakeBackGoods
from domain.client.state import Client
from domain.client.tasks import CancelTask, CompleteTask, PassTaskOn, PostponeTask, SetTask
from domain.kernel import Command
from domain.playbook import ScriptUse
from domain.types import STEPS, Category, Channel, FailureReason, PurchaseInterval, Step
from tests.projections.firm import LETTER, NOBODY, QUESTIONNAIRE, SCRIPT, STAFF, choose, client_id, pick
from tests.projections.inquiry_acts import ON_INQUIRIES
from tests.projections.proposal_acts import on_a_proposal
from tests.spec import NOW


def _forward(client: Client, choice: int) -> Command | None:
    """What takes the client on along the conveyor."""
    if client.handoffs.waiting:
        return AcceptHandoff(handoff_id=client.handoffs.waiting, employee_id=pick(STAFF, choice))
    if client.step is Step.LEAD_GENERATION:
        return _towards_qualification(client, choice)
    if client.step is Step.FIRST_DEAL and client.deals.won_in_step:
        return OfferHandoff(to_employee_id=choose((None, *STAFF), choice))
    if client.step is Step.ACCOUNT_SERVICE:
        return _order(client, choice)
    opened = [key for key, deal in client.deals.by_id.items() if deal.state == "open"]
    return _won(client, opened[0], choice) if opened else _deal(client, choice)


def _won(client: Client, deal_id: UUID, choice: int) -> Command:
    """Now and then without revenue, as a trial that only cost something, once a head agreed to that."""
    approvals = [each for each in client.approvals.by_id.values() if each.deal_id == deal_id]
    waiting = [each.id for each in approvals if each.state == "waiting"]
    if waiting:
        return GiveApproval(approval_id=waiting[0], reason="worth it")
    if choice % 3 == 0 and not approvals:
        return RequestApproval(
            deal_id=deal_id, revenue=Decimal(), cost=Decimal(12), discount=Decimal(9), reason="trial"
        )
    return WinDeal(
        deal_id=deal_id,
        revenue=_money(choice) if choice % 3 else Decimal(),
        cost=Decimal(choice),
        discount=choose((None, Decimal(9)), choice),
        reason=choose((None, *WinReason), choice),
    )


def _towards_qualification(client: Client, choice: int) -> Command:
    persons = list(client.key_persons.by_id)
    if not persons:
        return AddKeyPerson(name="Ольга", personality_type=choose(("driver", "amiable"), choice))
    if client.exchanges.waiting:
        return AcceptExchange(exchange_id=_exchange(client), employee_id=pick(STAFF, choice))
    if client.owner and choice % 3 == 1:
        return OfferExchange()
    if client.qualification.qualified:
        return OfferHandoff(to_employee_id=choose((None, *STAFF), choice))
    if not client.contacts.reached:
        return _contact(client, 0)
    return QualifyClient(need="steel")


def _money(choice: int) -> Decimal:
    return Decimal(1000 * choice + 1) / 4


def _contact(client: Client, choice: int, inquiry_id: UUID | None = None) -> Command:
    return RecordContact(
        channel=choose(Channel, choice),
        direction=choose(Direction, choice),
        outcome=choose(Outcome, choice),
        summary='said "no\\yes"',
        key_person_id=pick(client.key_persons.by_id, choice) if client.key_persons.by_id else None,
        duration_minutes=choose((None, 5, 40), choice),
        script=choose((None, _followed(choice)), choice),
        answers_inquiry_id=inquiry_id,
    )


def _followed(choice: int) -> ScriptUse:
    keys = [step.key for step in SCRIPT.versions[1]]
    passed = choice % 4
    broke_off_at = keys[passed] if passed < len(keys) else None
    return ScriptUse(script_id=SCRIPT.id, version=1, steps_passed=tuple(keys[:passed]), broke_off_at=broke_off_at)


def _deal(_: Client, choice: int) -> Command:
    return OpenDeal(
        amount=_money(choice),
        discount=choose((Decimal(), _money(choice) / 25), choice // 2),
        currency=choose(("EUR", "RUB"), choice),
        title="first",
        close_on=choose((None, (NOW + timedelta(days=choice)).date()), choice),
        probability=choose((None, 0, 40), choice),
    )


_EXPECTED: tuple[dict[str, Any], ...] = ({"amount": Decimal(7)}, {"title": "changed", "probability": 40})


def _order(client: Client, choice: int) -> Command:
    cost = choose((None, Decimal(1)), choice)
    won = [deal for deal in client.deals.by_id.values() if deal.state == "won"]
    if won and choice % 3 == 0:
        deal = won[choice % len(won)]
        return PlaceOrder(amount=deal.amount / 2, cost=cost, currency=deal.currency, deal_id=deal.id)
    currency = choose(("EUR", "RUB"), choice)
    if choice % 2:
        lines = tuple(
            OrderLine(text=article, quantity=Decimal(choice), price=_money(choice), cost=cost) for article in "AB"
        )
        return PlaceOrder(lines=lines, currency=currency)
    return PlaceOrder(amount=_money(choice), cost=cost, currency=currency)


def _on_an_order(client: Client, choice: int) -> Command:
    """The next thing to do with one of the orders, or a part of it."""
    key = pick(client.orders.by_id, choice)
    order, parts = client.orders.by_id.get(key), (PartOfLine(line=1, quantity=Decimal(1)),)
    if order is None or not order.confirmed:
        return ConfirmOrder(order_id=key)
    if order.shipments and choice % 3 == 0:
        return DeliverShipment(order_id=key, shipment_id=pick(order.shipments, choice))
    if order.shipments and choice % 3 == 1:
        return TakeBackGoods(order_id=key, lines=choose((parts, ()), choice), restocked=choice % 2 == 0)
    if choice % 5 == 4:
        return CancelOrder(order_id=key, lines=parts)
    return ShipOrder(order_id=key, lines=choose((parts, ()), choice))


def _on_the_account(client: Client, choice: int) -> Command:
    """Ask for something, ask for less, put right what was paid, or give it back."""
    invoice, payment = pick(client.account.invoices, choice), pick(client.account.payments, choice)
    returns = [key for order in client.orders.by_id.values() for key in order.returns]
    return choose(
        (
            IssueInvoice(order_id=pick(client.orders.by_id, choice)),
            IssueInvoice(deal_id=_deal_id(client, choice), amount=_money(1)),
            CreditInvoice(invoice_id=invoice, kind=CreditKind.ALLOWANCE, amount=Decimal(choice + 1)),
            CorrectPayment(payment_id=payment, amount=_money(choice % 3)),
            RefundMoney(amount=Decimal(choice + 1), currency="EUR"),
            RecordPayment(amount=_money(choice), currency="EUR", invoice_id=invoice),
            CreditInvoice(invoice_id=invoice, kind=CreditKind.RETURN, return_id=pick(returns, choice)),
            AllocatePayment(payment_id=payment),
        ),
        choice,
    )


def _deal_id(client: Client, choice: int) -> UUID:
    return pick(client.deals.by_id, choice)


def _exchange(client: Client) -> UUID:
    return client.exchanges.waiting.id if client.exchanges.waiting else NOBODY


def _card(_: Client, choice: int) -> Command:
    return choose(
        (
            ChangeCard(name="New name"),
            ChangeCard(category=Category.VIP, industry=None),
            ChangeCard(region="west", purchase_interval=PurchaseInterval.WEEKLY),
            ChangeCard(origin="tender", expected_purchase=Decimal(10), currency="EUR", retention_years=Decimal(3)),
        ),
        choice,
    )


def _undertake(client: Client, choice: int) -> Command:
    due_at = NOW - timedelta(choice) + timedelta(5)
    cost = Decimal(choice * 100) / 3
    return UndertakeObligation(
        deal_id=_deal_id(client, choice),
        text="train them",
        due_at=due_at,
        cost=cost.quantize(Decimal("0.01")),
        employee_id=choose((None, *STAFF), choice),
    )


def _obligation_id(client: Client, choice: int) -> UUID:
    return pick(client.obligations.by_id, choice)


KINDS: list[Callable[[Client, int], Command | None]] = [
    _forward,
    _contact,
    _card,
    _deal,
    _order,
    lambda _, choice: OfferExchange(
        to_employee_id=choose((None, *STAFF), choice), reason=choose(FailureReason, choice), comment="he wants numbers"
    ),
    lambda _, choice: AddKeyPerson(name=f"Person {choice}", position="head"),
    lambda client, choice: ChangeKeyPerson(key_person_id=pick(client.key_persons.by_id, choice), position=f"{choice}"),
    lambda client, choice: RemoveKeyPerson(key_person_id=pick(client.key_persons.by_id, choice)),
    lambda _, choice: SetTask(text="call", due_at=NOW + timedelta(choice), employee_id=pick(STAFF, choice)),
    lambda client, choice: CompleteTask(task_id=pick(client.tasks.open, choice)),
    lambda client, choice: PostponeTask(task_id=pick(client.tasks.open, choice), due_at=NOW),
    lambda client, choice: CancelTask(task_id=pick(client.tasks.open, choice)),
    lambda _, choice: AssignEmployee(employee_id=pick(STAFF, choice), failure_reason=choose(FailureReason, choice)),
    lambda _, choice: DisqualifyClient(reason=choose(DisqualificationReason, choice)),
    lambda client, choice: AcceptExchange(exchange_id=_exchange(client), employee_id=pick(STAFF, choice)),
    lambda _, __: ReopenClient(),
    lambda client, choice: ReturnHandoff(
        handoff_id=client.handoffs.waiting or NOBODY, reason=choose(ReturnReason, choice)
    ),
    lambda client, _: WithdrawHandoff(handoff_id=client.handoffs.waiting or NOBODY),
    lambda client, _: ExpireHandoff(handoff_id=client.handoffs.waiting or NOBODY),
    lambda _, choice: OfferHandoff(to_step=choose(STEPS, choice)),
    lambda client, choice: ChangeDeal(deal_id=_deal_id(client, choice), **choose(_EXPECTED, choice)),
    lambda client, choice: _won(client, _deal_id(client, choice), choice),
    lambda client, choice: LoseDeal(deal_id=_deal_id(client, choice), reason=choose(LossReason, choice)),
    lambda client, choice: ReopenDeal(deal_id=_deal_id(client, choice)),
    lambda client, choice: RequestApproval(
        deal_id=_deal_id(client, choice),
        discount=_money(choice),
        cost=choose((None, Decimal(7)), choice),
        reason="first",
    ),
    lambda client, choice: RefuseApproval(approval_id=pick(client.approvals.by_id, choice), reason="too dear"),
    lambda client, choice: GiveApproval(approval_id=pick(client.approvals.by_id, choice), reason="worth it"),
    lambda client, choice: CorrectDeal(
        deal_id=_deal_id(client, choice), revenue=_money(choice % 4), cost=Decimal(choice % 2), reason="misread"
    ),
    _undertake,
    lambda client, choice: FulfilObligation(
        obligation_id=_obligation_id(client, choice), cost=choose((None, Decimal(7)), choice)
    ),
    lambda client, choice: PostponeObligation(
        obligation_id=_obligation_id(client, choice), due_at=NOW, reason="they agreed"
    ),
    lambda client, choice: WaiveObligation(obligation_id=_obligation_id(client, choice), reason="not wanted"),
    lambda client, choice: CancelOrder(order_id=pick(client.orders.by_id, choice)),
    _on_an_order,
    _on_an_order,
    _on_the_account,
    _on_the_account,
    lambda _, choice: RecordPayment(amount=_money(choice + 1), currency="EUR"),
    lambda _, __: RecordDecision(text="we do it"),
    *[on_a_proposal] * 4,
    lambda _, __: SendDocument(template_id=LETTER),
    lambda _, choice: AnswerQuestionnaire(template_id=QUESTIONNAIRE, answers={"industry": f"works {choice}"}),
    lambda _, __: ArchiveClient(),
    lambda client, _: WithdrawRegistration(import_id=client.id),
    lambda _, __: RestoreClient(),
    lambda _, choice: AssignCategory(category=choose(Category, choice), reason="a friend"),
    lambda _, __: ReleaseCategory(),
    lambda _, __: ApplyCategoryRules(),
    lambda _, choice: DismissDuplicate(other_id=client_id(choice), reason="another works"),
    lambda _, choice: MergeClient(into_id=client_id(choice), reason="one firm"),
    lambda _, __: UnmergeClient(reason="two firms"),
    lambda _, choice: AbsorbClient(client_id=client_id(choice)),
    lambda client, choice: ReleaseClient(client_id=pick(client.merging.absorbed, choice)),
    *ON_INQUIRIES,
    lambda client, choice: _contact(client, choice, pick(client.inquiries.open, choice)),
    lambda client, choice: DeclineExchange(exchange_id=_exchange(client), employee_id=pick(STAFF, choice)),
    lambda client, _: WithdrawExchange(exchange_id=_exchange(client)),
    lambda client, _: ExpireExchange(exchange_id=_exchange(client)),
    lambda client, choice: PassTaskOn(task_id=pick(client.tasks.open, choice), employee_id=pick(STAFF, choice)),
]
"""What may be done with a client; the first most often."""
