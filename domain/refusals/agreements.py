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
}
"""The words of each refusal by its code."""
