"""What a rule about documents, proposals and questionnaires may refuse."""

from domain.refusals.words import Refusal

PAPERS = {
    "unknown_template": Refusal(
        "No such template",
        "Нет такого шаблона",
        "Use an id of GET /templates.",
        "Используйте id из GET /templates.",
    ),
    "template_exists": Refusal(
        "The template exists already",
        "Шаблон уже существует",
        "Publish a new version of it.",
        "Опубликуйте его новую версию.",
    ),
    "template_retired": Refusal(
        "The template is retired",
        "Шаблон выведен из употребления",
        "Use another one; see GET /templates.",
        "Возьмите другой; см. GET /templates.",
    ),
    "template_of_another_kind": Refusal(
        "The template is for another kind of document",
        "Шаблон для документов другого вида",
        "Use a template of a kind named in the facts.",
        "Используйте шаблон одного из видов, названных в facts.",
    ),
    "unknown_template_version": Refusal(
        "The template has no such version",
        "У шаблона нет такой версии",
        "Use a version up to the latest in the facts, or leave it out.",
        "Укажите версию не новее последней из facts или не указывайте её.",
    ),
    "template_not_valid": Refusal(
        "The template cannot be read",
        "Шаблон написан с ошибкой",
        "Correct the line in the facts. A template names values and has parts; it cannot loop, compute or read files.",
        "Исправьте строку из facts. В шаблоне есть только значения и части: ни циклов, ни вычислений, ни файлов.",
    ),
    "questions_misplaced": Refusal(
        "Questions belong to questionnaires, and these need some",
        "Вопросы бывают только у анкет, и анкете они нужны",
        "Send questions with the kind questionnaire, and with no other.",
        "Отправьте вопросы только с видом questionnaire.",
    ),
    "document_too_long": Refusal(
        "The document is too long",
        "Документ слишком длинный",
        "Shorten the template or what it is filled with; see the limit in the facts.",
        "Сократите шаблон или данные для него; предел указан в facts.",
    ),
    "unknown_proposal": Refusal(
        "No such proposal",
        "Нет такого предложения",
        "Use the id of a proposal of this client.",
        "Используйте id предложения этого клиента.",
    ),
    "proposal_accepted": Refusal(
        "The proposal is accepted",
        "Предложение принято",
        "Draft a new one.",
        "Составьте новое.",
    ),
    "proposal_declined": Refusal(
        "The proposal is declined",
        "Предложение отклонено",
        "Revise it, and send the revision.",
        "Измените его и отправьте новую редакцию.",
    ),
    "proposal_not_sent": Refusal(
        "The proposal does not wait for an answer",
        "Предложение не ожидает ответа",
        "See its state in the facts; only what was sent last can be answered.",
        "Его состояние — в facts; ответить можно только на отправленное.",
    ),
    "proposal_expired": Refusal(
        "The proposal has expired",
        "Срок предложения истёк",
        "Revise it with a later valid_until and send it, or send the occurred_at of an answer that was given in time.",
        "Измените valid_until и отправьте его заново или укажите occurred_at ответа, данного вовремя.",
    ),
    "proposal_not_expired": Refusal(
        "The proposal still holds",
        "Предложение ещё действует",
        "Wait until the time in the facts.",
        "Подождите до времени из facts.",
    ),
    "validity_over": Refusal(
        "The proposal would be expired at once",
        "Предложение истекло бы сразу",
        "Send a valid_until that lies ahead.",
        "Отправьте valid_until в будущем.",
    ),
    "currencies_mixed": Refusal(
        "A deal has one currency",
        "У сделки одна валюта",
        "Use the currency of the deal from the facts, or open another deal.",
        "Используйте валюту сделки из facts или откройте другую сделку.",
    ),
    "listed_in_another_currency": Refusal(
        "The prices are from lists in another currency",
        "Цены взяты из прайс-листов в другой валюте",
        "Send the lines with the new currency, so that they are priced anew.",
        "Отправьте вместе с новой валютой строки, чтобы цены были взяты заново.",
    ),
    "unknown_questions": Refusal(
        "The questionnaire has no such questions",
        "В анкете нет таких вопросов",
        "Send answers by the keys of the questions in the facts.",
        "Отправьте ответы по ключам вопросов из facts.",
    ),
    "answers_missing": Refusal(
        "Answers that are required are missing",
        "Нет обязательных ответов",
        "Send the answers named in the facts.",
        "Отправьте ответы, названные в facts.",
    ),
    "answer_not_fitting": Refusal(
        "The card does not take the answer",
        "Ответ не подходит для карточки",
        "Send an answer that the field of the card takes; see the facts.",
        "Отправьте ответ, который подходит полю карточки; см. facts.",
    ),
}
