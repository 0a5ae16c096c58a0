"""What a rule about agreements may refuse: obligations, minimum margins, discounts and their approval."""

from domain.refusals.words import Refusal

AGREEMENTS = {
    "unknown_obligation": Refusal(
        "No such obligation",
        "Нет такого обязательства",
        "Use the id of an obligation to this client.",
        "Используйте id обязательства перед этим клиентом.",
    ),
    "obligation_not_open": Refusal(
        "The obligation is not open",
        "Обязательство уже закрыто",
        "See its state in the facts; undertake a new one where the firm owes more.",
        "Его состояние — в facts; если компания должна ещё что-то, запишите новое обязательство.",
    ),
    "approval_required": Refusal(
        "These terms need the approval of a head",
        "Эти условия должен согласовать руководитель",
        "Ask for it: for a deal POST .../deals/{deal_id}/approvals, for an order POST .../orders/approvals; the facts "
        "say what is beyond the rules, margin or discount.",
        "Запросите согласование: для сделки POST .../deals/{deal_id}/approvals, для заказа POST .../orders/approvals; "
        "в facts видно, что вне правил: маржа или скидка.",
    ),
    "discount_above_limit": Refusal(
        "The discount is above your limit, and there is no deal yet to approve it for",
        "Скидка выше вашего предела, а сделки, для которой её можно согласовать, ещё нет",
        "Open the deal at the list price, offer for that deal, and ask a head: POST .../deals/{deal_id}/approvals.",
        "Откройте сделку без скидки, предложите по ней и запросите скидку: POST .../deals/{deal_id}/approvals.",
    ),
    "approval_not_needed": Refusal(
        "The rules allow these terms",
        "Эти условия не требуют согласования",
        "Go on without an approval.",
        "Продолжайте без согласования.",
    ),
    "unknown_approval": Refusal(
        "Nobody asked for this approval",
        "Нет такого запроса на согласование",
        "Use the id of an approval that was asked for with this client.",
        "Используйте id запроса по этому клиенту.",
    ),
    "approval_answered": Refusal(
        "The approval is answered already",
        "На запрос уже есть ответ",
        "See its state in the facts; other terms are asked for anew.",
        "Его состояние — в facts; для других условий нужен новый запрос.",
    ),
}
"""The words of each refusal by its code."""
