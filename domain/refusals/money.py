"""What a rule about money may refuse: invoices, credit notes, payments, refunds."""

from domain.refusals.words import Refusal

MONEY = {
    "unknown_invoice": Refusal(
        "No such invoice",
        "Нет такого счёта",
        "Use the id of an invoice of this client.",
        "Используйте id счёта этого клиента.",
    ),
    "unknown_payment": Refusal(
        "No such payment",
        "Нет такого платежа",
        "Use the id of a payment of this client.",
        "Используйте id платежа этого клиента.",
    ),
    "unknown_return": Refusal(
        "No such return of what the invoice is for",
        "Нет такого возврата по этому счёту",
        "Use the id of a return of the invoice's order.",
        "Используйте id возврата по заказу этого счёта.",
    ),
    "shipment_invoiced": Refusal(
        "The whole shipment was invoiced already",
        "Отгрузка уже полностью включена в счета",
        "See worth and invoiced in the facts.",
        "Смотрите worth и invoiced в facts.",
    ),
    "number_taken": Refusal(
        "The number belongs to another invoice",
        "Номер занят другим счётом",
        "Use another number.",
        "Используйте другой номер.",
    ),
    "due_before_issue": Refusal(
        "It would be due before it is issued",
        "Срок оплаты раньше даты счёта",
        "Send a later due_on.",
        "Отправьте более поздний due_on.",
    ),
    "nothing_to_invoice": Refusal(
        "All of it was invoiced already",
        "Всё уже включено в счета",
        "See worth and invoiced in the facts.",
        "Смотрите worth и invoiced в facts.",
    ),
    "finer_than_currency": Refusal(
        "The currency has no such small amounts",
        "В этой валюте нет таких мелких сумм",
        "Send a multiple of unit, plus the fraction where the facts have one.",
        "Отправьте сумму, кратную unit из facts, и прибавьте к ней fraction, если она там есть.",
    ),
    "invoice_exceeds_worth": Refusal(
        "The invoices would ask for more than it is worth",
        "Счета превысили бы стоимость",
        "Ask at most for worth less invoiced, as the facts have them.",
        "Выставьте не больше разницы worth и invoiced из facts.",
    ),
    "credit_exceeds_invoice": Refusal(
        "More than the invoice still asks for",
        "Больше, чем ещё требует счёт",
        "Credit at most what the facts say is left.",
        "Кредитуйте не больше остатка из facts.",
    ),
    "credit_exceeds_return": Refusal(
        "More than the returned goods were worth",
        "Больше стоимости возвращённого",
        "Credit at most what the facts say is left of the return.",
        "Кредитуйте не больше остатка возврата из facts.",
    ),
    "return_credited": Refusal(
        "This return was credited already",
        "Этот возврат уже учтён в кредит-ноте",
        "Nothing is left to be credited of the return; see worth and credited in the facts.",
        "По возврату больше нечего кредитовать; смотрите worth и credited в facts.",
    ),
    "nothing_to_credit": Refusal(
        "The invoice asks for nothing any more",
        "Счёт больше ничего не требует",
        "See the invoice.",
        "Смотрите счёт.",
    ),
    "exceeds_free": Refusal(
        "More than is free of the payment",
        "Больше свободного остатка платежа",
        "Allocate at most what is free.",
        "Распределите не больше свободного остатка.",
    ),
    "exceeds_owed": Refusal(
        "More than is owed of the invoice",
        "Больше долга по счёту",
        "Allocate at most what is owed.",
        "Распределите не больше долга.",
    ),
    "nothing_to_allocate": Refusal(
        "Nothing is free, or nothing is owed",
        "Нечего распределять",
        "See the client's account.",
        "Смотрите счета и платежи клиента.",
    ),
    "below_refunds": Refusal(
        "Less than was given back of the payment",
        "Меньше, чем уже возвращено из платежа",
        "Send at least what was refunded.",
        "Отправьте не меньше возвращённой суммы.",
    ),
    "refund_exceeds_credit": Refusal(
        "More than is free of what was paid",
        "Возврат больше свободного остатка",
        "Refund at most what is free; credit an invoice first to free what went to it.",
        "Верните не больше остатка; сначала кредитуйте счёт, чтобы освободить оплаченное.",
    ),
}
