"""What a rule about the client as such may refuse: its record, card, duplicates and category."""

from domain.refusals.words import Refusal

CLIENTS = {
    "in_future": Refusal(
        "The event lies in the future",
        "Событие в будущем",
        "Send an occurred_at that has passed, or leave it out.",
        "Отправьте прошедшее время occurred_at или не отправляйте его.",
    ),
    "before_registration": Refusal(
        "The event lies before the client's registration",
        "Событие раньше регистрации клиента",
        "Send an occurred_at at or after registered_at.",
        "Отправьте occurred_at не раньше registered_at.",
    ),
    "before_its_cause": Refusal(
        "The event lies before the one it follows from",
        "Событие раньше того, из которого оно следует",
        "Send an occurred_at at or after `since` in the facts.",
        "Отправьте occurred_at не раньше since из facts.",
    ),
    "client_exists": Refusal(
        "The client exists already",
        "Клиент уже существует",
        "Use the existing client.",
        "Используйте существующего клиента.",
    ),
    "duplicate_client": Refusal(
        "The client looks like one that exists",
        "Похоже, такой клиент уже есть",
        "Use one of the candidates in the facts, or send allow_duplicate with a reason.",
        "Используйте одного из кандидатов в facts или отправьте allow_duplicate с причиной.",
    ),
    "duplicate_dismissed": Refusal(
        "The two were told apart already",
        "Эти клиенты уже различены",
        "Nothing has to be dismissed.",
        "Различать больше нечего.",
    ),
    "same_client": Refusal(
        "The other client is this very one",
        "Это один и тот же клиент",
        "Name two different clients.",
        "Назовите двух разных клиентов.",
    ),
    "unknown_client": Refusal(
        "No such client",
        "Нет такого клиента",
        "Check the client's id; with `as_of` or `at`, whether the client was recorded (`as_of`) or registered (`at`) "
        "only after that moment.",
        "Проверьте id клиента; с as_of или at — не записан ли клиент (as_of) или не зарегистрирован ли он (at) лишь "
        "после этого момента.",
    ),
    "client_erased": Refusal(
        "The client's personal data were erased",
        "Персональные данные клиента удалены",
        "Record what has no personal data in it, or register the client anew.",
        "Запишите то, в чём нет персональных данных, или зарегистрируйте клиента заново.",
    ),
    "client_merged": Refusal(
        "The client was merged into another",
        "Клиент объединён с другим",
        "Use the client named by into_id.",
        "Используйте клиента, названного в into_id.",
    ),
    "client_not_merged": Refusal(
        "The client is not merged into another",
        "Клиент не объединён с другим",
        "Nothing has to be taken back.",
        "Возвращать нечего.",
    ),
    "survivor_merged": Refusal(
        "The client into which this one was merged is merged itself",
        "Клиент, с которым объединён этот, сам объединён с другим",
        "Take back the merge of the client named by id first.",
        "Сначала отмените объединение клиента, названного в id.",
    ),
    "survivor_not_open": Refusal(
        "The other client cannot take this one in",
        "Другой клиент не может принять этого",
        "Name the client that stands for it, or restore it from the archive.",
        "Назовите клиента, который его заменяет, или восстановите его из архива.",
    ),
    "client_archived": Refusal(
        "The client is archived",
        "Клиент в архиве",
        "Restore the client first.",
        "Сначала восстановите клиента из архива.",
    ),
    "client_not_archived": Refusal(
        "The client is not archived",
        "Клиент не в архиве",
        "Nothing has to be restored.",
        "Восстанавливать нечего.",
    ),
    "nothing_to_change": Refusal(
        "Nothing would change",
        "Нечего менять",
        "Send at least one field with a new value.",
        "Отправьте хотя бы одно поле с новым значением.",
    ),
    "unknown_attribute": Refusal(
        "The attribute is not declared",
        "Реквизит не объявлен",
        "Declare it in the regulation or use a declared one.",
        "Объявите реквизит в регламенте или используйте объявленный.",
    ),
    "wrong_attribute_value": Refusal(
        "The value does not fit the attribute's kind",
        "Значение не подходит к виду реквизита",
        "Send a value of the declared kind.",
        "Отправьте значение объявленного вида.",
    ),
    "unknown_key_person": Refusal(
        "No such key person",
        "Нет такого ключевого лица",
        "Use the id of a key person on the card.",
        "Используйте id ключевого лица с карточки.",
    ),
    "currency_required": Refusal(
        "An amount on the card needs its currency",
        "Для суммы на карточке нужна валюта",
        "Send currency as well.",
        "Отправьте также currency.",
    ),
    "category_not_overridden": Refusal(
        "Nobody has overridden the category",
        "Категория не назначена вручную",
        "Nothing has to be released; the rules may assign it.",
        "Освобождать нечего; категорию могут присвоить правила.",
    ),
    "category_overridden": Refusal(
        "A person has overridden the category",
        "Категория назначена вручную",
        "Release it before applying the rules.",
        "Снимите ручную категорию, прежде чем применять правила.",
    ),
    "category_differs": Refusal(
        "The rules give another category than expected",
        "По правилам получается другая категория",
        "See the facts for the category and the rule, and decide again.",
        "Категория и правило — в facts; решите ещё раз.",
    ),
    "no_category_rules": Refusal(
        "No rules for categories are set",
        "Правила категорий не заданы",
        "Set them in the regulation first.",
        "Сначала задайте их в регламенте.",
    ),
    "client_worked": Refusal(
        "The client has been worked since it was imported",
        "С клиентом уже работали после импорта",
        "Archive it, if it is not wanted; it is no longer only what the import brought.",
        "Отправьте клиента в архив, если он не нужен: в нём уже не только то, что принёс импорт.",
    ),
}
