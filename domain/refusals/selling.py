"""What a rule about selling may refuse: handoffs, deals, orders and payments."""

from domain.refusals.words import Refusal

SELLING = {
    "no_won_deal": Refusal(
        "No deal has been won yet",
        "Нет выигранной сделки",
        "Win a deal first.",
        "Сначала выиграйте сделку.",
    ),
    "not_dormant": Refusal(
        "The client is not dormant",
        "Клиент не «спящий»",
        "A client goes back only after twice its expected interval, as the card may name it, without a purchase.",
        "Клиент возвращается, только если не покупал дольше двух ожидаемых интервалов (их может назвать карточка).",
    ),
    "handoff_pending": Refusal(
        "A handoff is waiting already",
        "Передача уже предложена",
        "Accept, return or withdraw it first.",
        "Сначала примите, верните или отзовите её.",
    ),
    "handoff_due": Refusal(
        "The client has to be handed over first",
        "Сначала передайте клиента дальше",
        "Offer the handoff to account service.",
        "Предложите передачу на обслуживание.",
    ),
    "unknown_handoff": Refusal(
        "No such handoff",
        "Нет такой передачи",
        "Use the id of an offer of this client.",
        "Используйте id передачи этого клиента.",
    ),
    "handoff_expired": Refusal(
        "The time to answer the offer is over",
        "Время ответа на предложение истекло",
        "Offer the client again, or send the occurred_at of an answer that was given in time.",
        "Предложите клиента снова или отправьте occurred_at ответа, данного вовремя.",
    ),
    "handoff_not_waiting": Refusal(
        "The handoff is not waiting",
        "Передача не ожидает ответа",
        "See its state in the facts.",
        "Её состояние — в facts.",
    ),
    "handoff_not_expired": Refusal(
        "The handoff's time is not over",
        "Срок передачи не истёк",
        "Wait until the time in the facts.",
        "Дождитесь времени, указанного в facts.",
    ),
    "not_the_receiver": Refusal(
        "Only the receiver may answer the offer",
        "Ответить на предложение может только получатель",
        "Let the receiver or a head answer.",
        "Пусть ответит получатель или руководитель.",
    ),
    "not_the_sender": Refusal(
        "Only the sender may withdraw the offer",
        "Отозвать предложение может только отправитель",
        "Let the sender or a head withdraw it.",
        "Пусть отзовёт отправитель или руководитель.",
    ),
    "unknown_deal": Refusal(
        "No such deal",
        "Нет такой сделки",
        "Use the id of a deal of this client.",
        "Используйте id сделки этого клиента.",
    ),
    "deal_not_open": Refusal(
        "The deal is not open",
        "Сделка не открыта",
        "Reopen it or open a new one.",
        "Возобновите её или откройте новую.",
    ),
    "deal_open": Refusal(
        "The deal is open",
        "Сделка открыта",
        "Only a lost deal can be reopened.",
        "Возобновить можно только проигранную сделку.",
    ),
    "deal_not_won": Refusal(
        "The deal is not won",
        "Сделка не выиграна",
        "Win the deal first.",
        "Сначала выиграйте сделку.",
    ),
    "deal_won": Refusal(
        "The deal is won",
        "Сделка выиграна",
        "A won deal cannot be reopened.",
        "Выигранную сделку нельзя возобновить.",
    ),
    "unknown_order": Refusal(
        "No such order",
        "Нет такого заказа",
        "Use the id of an order of this client.",
        "Используйте id заказа этого клиента.",
    ),
    "order_cancelled": Refusal(
        "The order is cancelled",
        "Заказ отменён",
        "Place a new order if the client still wants the goods; credit its invoice with the kind correction.",
        "Разместите новый заказ, если товар ещё нужен; по счёту отменённого выпишите кредит-ноту вида correction.",
    ),
    "order_exceeds_deal": Refusal(
        "The orders of the deal would be worth more than the deal",
        "Заказы по сделке превысили бы её выручку",
        "Name the deal for what is left of its revenue, and place what goes beyond it without deal_id.",
        "Укажите сделку на остаток её выручки, а сверх неё разместите заказ без deal_id.",
    ),
    "wrong_currency": Refusal(
        "Another currency than what it pays for",
        "Другая валюта",
        "Send the currency named in the facts.",
        "Отправьте валюту, названную в facts.",
    ),
}
