"""Orders of a made-up client: from stock where the firm has a catalogue by then, shipped, invoiced and paid, or not."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from app.demo.firm import SERVICE, WAREHOUSE_KEEPER
from app.demo.goods import WAREHOUSES
from app.demo.life import Chapter, Life
from app.demo.papers import REMINDER
from domain.client.account_events import CreditKind
from domain.client.documents import SendDocument
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.order_changes import CancelOrder, ConfirmOrder, PartOfLine
from domain.client.order_lines import OrderLine
from domain.client.ordering import PlaceOrder
from domain.client.payments import RecordPayment, RefundMoney
from domain.client.shipments import DeliverShipment, ShipOrder, TakeBackGoods
from domain.client.terms import HUNDREDTH
from domain.kernel import Actor
from domain.types import Channel

ONE, HALF = Decimal(1), Decimal("0.5")


class _Order(NamedTuple):
    """An order that was placed: its id, what it is worth, and how much its first line asks for."""

    id: UUID
    worth: Decimal
    first: Decimal


class _Bill(NamedTuple):
    """An invoice: its id and what it asks for."""

    id: UUID
    amount: Decimal


def purchase(life: Life, manager: Actor, deal_id: UUID | None = None) -> Chapter[None]:
    """The client orders; perhaps by a deal."""
    command = _placed(life, deal_id)
    answer = yield life.beat(manager, command)
    worth = sum((line.quantity * _unit_price(life, line) for line in command.lines), Decimal())
    order = _Order(UUID(answer["order_id"]), worth, command.lines[0].quantity)
    if command.price_list is None:
        if life.chance(0.85):
            yield from _pays(life, manager, order.worth, order_id=order.id)
        return
    if life.chance(0.05):
        void = CancelOrder(order_id=order.id, reason="Placed twice", occurred_at=life.later(0.5))
        yield life.beat(manager, void)
        return
    yield from _shipped(life, order)
    bill = yield from billed(life, manager, order.worth, order_id=order.id)
    if life.chance(0.07):
        yield from _comes_back(life, order, bill)


def _placed(life: Life, deal_id: UUID | None) -> PlaceOrder:
    at = life.now.replace(microsecond=0)
    articles = life.random.sample(life.assortment, life.random.choice((1, 1, 2, 3)))
    amount = life.purchase * Decimal(life.random.uniform(0.6, 1.4)) / len(articles)
    lines = tuple(_line(life, article, amount) for article in articles)
    price_list = life.lists.code(life.currency, life.category) if life.in_second_half else None
    return PlaceOrder(lines=lines, currency=life.currency, price_list=price_list, deal_id=deal_id, occurred_at=at)


def _line(life: Life, article: str, amount: Decimal) -> OrderLine:
    price = _list_price(life, article)
    cost = (price * life.random.randrange(60, 80) / 100).quantize(HUNDREDTH)
    quantity = Decimal(max(1, round(amount / price)))
    if life.in_second_half:
        return OrderLine(article=article, quantity=quantity, cost=cost, warehouse=life.random.choice(tuple(WAREHOUSES)))
    return OrderLine(text=article, quantity=quantity, price=price, cost=cost)


def _unit_price(life: Life, line: OrderLine) -> Decimal:
    if line.article is None:
        assert line.price is not None
        return line.price
    return _list_price(life, line.article)


def _list_price(life: Life, article: str) -> Decimal:
    return life.lists.price(article, life.currency, life.now.date(), life.category)


def _shipped(life: Life, order: _Order) -> Chapter[None]:
    """The warehouse confirms and ships the order, sometimes in two parts."""
    yield life.beat(WAREHOUSE_KEEPER, ConfirmOrder(order_id=order.id, occurred_at=life.later(0.5)))
    if life.chance(0.3) and order.first > 1:
        some = PartOfLine(line=1, quantity=Decimal(order.first // 2))
        yield from _goes_out(life, ShipOrder(order_id=order.id, lines=(some,), occurred_at=life.later(1)))
        life.later(3)
    yield from _goes_out(life, ShipOrder(order_id=order.id, occurred_at=life.later(1)))


def _goes_out(life: Life, command: ShipOrder) -> Chapter[None]:
    answer = yield life.beat(WAREHOUSE_KEEPER, command)
    delivered = DeliverShipment(
        order_id=command.order_id, shipment_id=UUID(answer["shipment_id"]), occurred_at=life.later(1)
    )
    yield life.beat(WAREHOUSE_KEEPER, delivered)


def billed(
    life: Life, seller: Actor, worth: Decimal, order_id: UUID | None = None, deal_id: UUID | None = None
) -> Chapter[_Bill]:
    """An order or a deal is invoiced and mostly paid: in full, too much, in part, or not at all."""
    issued = IssueInvoice(order_id=order_id, deal_id=deal_id, occurred_at=life.later(0.5))
    answer = yield life.beat(seller, issued)
    bill = _Bill(UUID(answer["invoice_id"]), worth.quantize(HUNDREDTH))
    happens = life.random.random()
    if happens < 0.72:
        yield from _pays(life, seller, bill.amount, invoice_id=bill.id)
    elif happens < 0.78:
        yield from _overpays(life, seller, bill)
    elif happens < 0.88:
        yield from _pays(life, seller, (bill.amount * HALF).quantize(HUNDREDTH), invoice_id=bill.id)
    if happens > 0.84 and life.chance(0.25):
        yield life.beat(seller, _reminder(life))
    life.billed = True
    return bill


def _pays(
    life: Life, seller: Actor, amount: Decimal, order_id: UUID | None = None, invoice_id: UUID | None = None
) -> Chapter[None]:
    payment = RecordPayment(
        amount=amount.quantize(HUNDREDTH),
        currency=life.currency,
        order_id=order_id,
        invoice_id=invoice_id,
        occurred_at=life.later(8),
    )
    yield life.beat(seller, payment)


def _overpays(life: Life, seller: Actor, bill: _Bill) -> Chapter[None]:
    too_much = (bill.amount / 10).quantize(HUNDREDTH)
    yield from _pays(life, seller, bill.amount + too_much, invoice_id=bill.id)
    if life.chance(0.5) and not life.billed:
        back = (too_much / 4).quantize(HUNDREDTH)  # an invoice of a deal may be for some per cent more than the bill
        refund = RefundMoney(amount=back, currency=life.currency, reason="Paid too much", occurred_at=life.later())
        yield life.beat(seller, refund)


def _reminder(life: Life) -> SendDocument:
    life.now += timedelta(days=20)
    at = life.now.replace(microsecond=0)
    return SendDocument(template_id=REMINDER, channel=Channel.EMAIL, occurred_at=at)


def _comes_back(life: Life, order: _Order, bill: _Bill) -> Chapter[None]:
    """Some of the first line comes back, and less is asked for; or something is let down of the price."""
    head = life.head(SERVICE)
    if life.chance(0.4):
        let_down = (bill.amount / 20).quantize(HUNDREDTH)
        allowance = CreditInvoice(
            invoice_id=bill.id,
            kind=CreditKind.ALLOWANCE,
            amount=let_down,
            reason="Delivered late",
            occurred_at=life.later(),
        )
        yield life.beat(head, allowance)
        return
    returned = TakeBackGoods(
        order_id=order.id,
        lines=(PartOfLine(line=1, quantity=ONE),),
        restocked=life.chance(0.6),
        reason="Broken",
        occurred_at=life.later(),
    )
    answer = yield life.beat(WAREHOUSE_KEEPER, returned)
    credit = CreditInvoice(
        invoice_id=bill.id,
        kind=CreditKind.RETURN,
        return_id=UUID(answer["return_id"]),
        occurred_at=life.later(1),
    )
    yield life.beat(head, credit)
