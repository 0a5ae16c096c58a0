"""Every code with which a rule may say no: title in English and Russian, and what to do about it."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What people read when a rule refuses: `english` and `russian` titles, and a `remedy` in English."""

    english: str
    russian: str
    remedy: str


REFUSALS: dict[str, Refusal] = {
    "in_future": Refusal(
        "The event lies in the future",
        "Событие в будущем",
        "Send an occurred_at that has passed, or leave it out.",
    ),
    "before_registration": Refusal(
        "The event lies before the client's registration",
        "Событие раньше регистрации клиента",
        "Send an occurred_at at or after registered_at.",
    ),
    "before_its_cause": Refusal(
        "The event lies before the one it follows from",
        "Событие раньше того, из которого оно следует",
        "Send an occurred_at at or after `since` in the facts.",
    ),
    "client_exists": Refusal("The client exists already", "Клиент уже существует", "Use the existing client."),
    "duplicate_client": Refusal(
        "The client looks like one that exists",
        "Похоже, такой клиент уже есть",
        "Use one of the candidates in the facts, or send allow_duplicate with a reason.",
    ),
    "duplicate_dismissed": Refusal(
        "The two were told apart already", "Эти клиенты уже различены", "Nothing has to be dismissed."
    ),
    "same_client": Refusal(
        "The other client is this very one", "Это один и тот же клиент", "Name two different clients."
    ),
    "unknown_client": Refusal("No such client", "Нет такого клиента", "Check the client's id."),
    "client_merged": Refusal(
        "The client was merged into another", "Клиент объединён с другим", "Use the client named by into_id."
    ),
    "client_not_merged": Refusal(
        "The client is not merged into another", "Клиент не объединён с другим", "Nothing has to be taken back."
    ),
    "survivor_not_open": Refusal(
        "The other client cannot take this one in",
        "Другой клиент не может принять этого",
        "Name the client that stands for it, or restore it from the archive.",
    ),
    "client_archived": Refusal("The client is archived", "Клиент в архиве", "Restore the client first."),
    "client_not_archived": Refusal("The client is not archived", "Клиент не в архиве", "Nothing has to be restored."),
    "client_disqualified": Refusal(
        "The client is disqualified", "Клиент отклонён", "Reopen the client before working on it."
    ),
    "client_not_disqualified": Refusal(
        "The client is not disqualified", "Клиент не отклонён", "Nothing has to be reopened."
    ),
    "nothing_to_change": Refusal("Nothing would change", "Нечего менять", "Send at least one field with a new value."),
    "unknown_attribute": Refusal(
        "The attribute is not declared", "Реквизит не объявлен", "Declare it in the regulation or use a declared one."
    ),
    "wrong_attribute_value": Refusal(
        "The value does not fit the attribute's kind",
        "Значение не подходит к виду реквизита",
        "Send a value of the declared kind.",
    ),
    "unknown_key_person": Refusal(
        "No such key person", "Нет такого ключевого лица", "Use the id of a key person on the card."
    ),
    "unknown_search_assignment": Refusal(
        "No such search assignment", "Нет такого задания на поиск", "Use the id of a search assignment."
    ),
    "search_assignment_closed": Refusal(
        "The search assignment is closed", "Задание на поиск закрыто", "Give a new one, or name an open one."
    ),
    "unknown_employee": Refusal("No such employee", "Нет такого сотрудника", "Use the id of a registered employee."),
    "employee_exists": Refusal(
        "An employee with this code exists", "Сотрудник с таким кодом уже есть", "Choose another code."
    ),
    "employee_left": Refusal("The employee has left", "Сотрудник уволен", "Choose an employee who works here."),
    "employee_not_left": Refusal("The employee has not left", "Сотрудник не уволен", "Nothing has to be recorded."),
    "employee_not_in_step": Refusal(
        "The employee does not work in this step",
        "Сотрудник не работает на этой ступени",
        "Choose an employee of the step, or add the step to the employee.",
    ),
    "already_assigned": Refusal(
        "The employee works this client already", "Клиент уже закреплён за сотрудником", "Nothing has to be assigned."
    ),
    "failure_reason_required": Refusal(
        "A reassignment needs the reason of failure",
        "Для передачи другому нужна причина неудачи",
        "Send failure_reason.",
    ),
    "unknown_inquiry": Refusal("No such inquiry", "Нет такого обращения", "Use the id of an inquiry of this client."),
    "inquiry_not_open": Refusal(
        "The inquiry is answered or closed already",
        "На обращение уже ответили или его закрыли",
        "Record what was said as a contact.",
    ),
    "nobody_answered": Refusal(
        "A contact that reached nobody answers no inquiry",
        "Контакт ни с кем не состоялся и не может быть ответом",
        "Leave out answers_inquiry_id, and answer when somebody is reached.",
    ),
    "unknown_task": Refusal("No such task", "Нет такой задачи", "Use the id of a task of this client."),
    "task_not_open": Refusal("The task is not open", "Задача не открыта", "Set a new task."),
    "wrong_step": Refusal(
        "Not possible in the client's step", "Недопустимо на ступени клиента", "See the facts for the steps it needs."
    ),
    "already_qualified": Refusal(
        "The client is qualified already", "Клиент уже квалифицирован", "Offer the handoff to the next step."
    ),
    "criteria_not_met": Refusal(
        "Qualification criteria are not met", "Критерии квалификации не выполнены", "See the facts for what is missing."
    ),
    "not_qualified": Refusal("The client is not qualified", "Клиент не квалифицирован", "Qualify the client first."),
    "no_won_deal": Refusal("No deal has been won yet", "Нет выигранной сделки", "Win a deal first."),
    "not_dormant": Refusal(
        "The client is not dormant",
        "Клиент не «спящий»",
        "A client goes back only after twice the purchase interval on its card without a purchase.",
    ),
    "handoff_pending": Refusal(
        "A handoff is waiting already", "Передача уже предложена", "Accept, return or withdraw it first."
    ),
    "handoff_due": Refusal(
        "The client has to be handed over first",
        "Сначала передайте клиента дальше",
        "Offer the handoff to account service.",
    ),
    "unknown_handoff": Refusal("No such handoff", "Нет такой передачи", "Use the id of an offer of this client."),
    "handoff_expired": Refusal(
        "The time to answer the offer is over",
        "Время ответа на предложение истекло",
        "Offer the client again, or send the occurred_at of an answer that was given in time.",
    ),
    "handoff_not_waiting": Refusal(
        "The handoff is not waiting", "Передача не ожидает ответа", "See its state in the facts."
    ),
    "handoff_not_expired": Refusal(
        "The handoff's time is not over", "Срок передачи не истёк", "Wait until the time in the facts."
    ),
    "not_the_receiver": Refusal(
        "Only the receiver may answer the offer",
        "Ответить на предложение может только получатель",
        "Let the receiver or a head answer.",
    ),
    "not_the_sender": Refusal(
        "Only the sender may withdraw the offer",
        "Отозвать предложение может только отправитель",
        "Let the sender or a head withdraw it.",
    ),
    "unknown_deal": Refusal("No such deal", "Нет такой сделки", "Use the id of a deal of this client."),
    "deal_not_open": Refusal("The deal is not open", "Сделка не открыта", "Reopen it or open a new one."),
    "deal_open": Refusal("The deal is open", "Сделка открыта", "Only a lost deal can be reopened."),
    "deal_not_won": Refusal("The deal is not won", "Сделка не выиграна", "Win the deal first."),
    "deal_won": Refusal("The deal is won", "Сделка выиграна", "A won deal cannot be reopened."),
    "unknown_order": Refusal("No such order", "Нет такого заказа", "Use the id of an order of this client."),
    "order_cancelled": Refusal("The order is cancelled", "Заказ отменён", "Place a new order."),
    "order_exceeds_deal": Refusal(
        "The orders of the deal would be worth more than the deal",
        "Заказы по сделке превысили бы её выручку",
        "Name the deal for what is left of its revenue, and place what goes beyond it without deal_id.",
    ),
    "wrong_currency": Refusal(
        "Another currency than what it pays for", "Другая валюта", "Send the currency named in the facts."
    ),
    "wrong_choice": Refusal(
        "Kind and choices of the attribute do not fit",
        "Вид реквизита и варианты выбора не сочетаются",
        "Send choices with the kind choice, and only with it.",
    ),
    "attribute_of_another_kind": Refusal(
        "The attribute is declared with another kind",
        "Реквизит объявлен другого вида",
        "Declare an attribute with another name; clients carry values of the old kind.",
    ),
    "unknown_country": Refusal(
        "No public holidays are known for this country",
        "Праздники этой страны неизвестны",
        "Send one of the countries in the facts, or null and enter days off one by one.",
    ),
    "unknown_subdivision": Refusal(
        "The country has no such part with public holidays of its own",
        "В стране нет такой части со своими праздниками",
        "Send one of the parts in the facts, or none.",
    ),
    "unknown_day": Refusal(
        "The day is no exception of the calendar", "Этот день — не исключение календаря", "Nothing has to be cleared."
    ),
    "currency_required": Refusal(
        "An amount on the card needs its currency", "Для суммы на карточке нужна валюта", "Send currency as well."
    ),
    "category_not_overridden": Refusal(
        "Nobody has overridden the category",
        "Категория не назначена вручную",
        "Nothing has to be released; the rules may assign it.",
    ),
    "category_overridden": Refusal(
        "A person has overridden the category", "Категория назначена вручную", "Release it before applying the rules."
    ),
    "category_differs": Refusal(
        "The rules give another category than expected",
        "По правилам получается другая категория",
        "See the facts for the category and the rule, and decide again.",
    ),
    "no_category_rules": Refusal(
        "No rules for categories are set", "Правила категорий не заданы", "Set them in the regulation first."
    ),
    "unknown_personality_type": Refusal(
        "The firm does not use this personality type",
        "Такого типажа нет среди принятых",
        "Set the firm's types first, or leave the unknown ones out.",
    ),
    "personality_type_missing": Refusal(
        "A type of the firm is missing in the matrix",
        "В матрице нет принятого типажа",
        "Send a row for the missing types, or a score of another row with them.",
    ),
    "script_exists": Refusal("The script exists already", "Сценарий уже существует", "Publish a new version of it."),
    "unknown_script": Refusal("No such script", "Нет такого сценария", "Use the id of a script in GET /scripts."),
    "unknown_script_version": Refusal(
        "The script has no such version", "У сценария нет такой версии", "Use a version up to `latest` in the facts."
    ),
    "wrong_script_steps": Refusal(
        "The steps do not fit the version of the script",
        "Шаги не соответствуют версии сценария",
        "Name each step once, as the version in the facts has it.",
    ),
    "script_retired": Refusal("The script is retired", "Сценарий выведен из употребления", "Create a new script."),
    "lead_changed": Refusal(
        "The lead has changed since it was planned",
        "Лид изменился после составления плана",
        "See the facts for where it stands; plan it again.",
    ),
    "failed_with_lead": Refusal(
        "The employee has failed with this lead before",
        "Сотрудник уже не справился с этим лидом",
        "Choose another employee.",
    ),
    "no_leads": Refusal(
        "There are no leads to distribute",
        "Нет лидов для распределения",
        "Widen the filter, or name the leads.",
    ),
    "no_employees_to_give_to": Refusal(
        "There is nobody to give leads to",
        "Некому распределять лиды",
        "Name employees of the step, or let employees work in it.",
    ),
    "too_many_leads": Refusal(
        "Too many leads for one distribution",
        "Слишком много лидов для одного распределения",
        "Narrow the filter; the facts say how many are possible.",
    ),
    "unknown_distribution": Refusal(
        "No such distribution", "Нет такого распределения", "Use the id of a distribution."
    ),
    "distribution_in_other_stage": Refusal(
        "Not possible in the distribution's stage",
        "Недопустимо на этапе распределения",
        "See the facts for its stage; a distribution is applied once.",
    ),
    "lead_not_in_plan": Refusal(
        "The lead is not in this plan", "Лида нет в этом плане", "Use the id of a client in its lines."
    ),
    "employee_not_in_plan": Refusal(
        "The employee is not in this plan",
        "Сотрудника нет в этом плане",
        "Use the id of an employee of the plan.",
    ),
    "no_capacity_left": Refusal(
        "The employee has no room for another client",
        "У сотрудника нет места для клиента",
        "Take another lead from him first, or choose another employee.",
    ),
    "too_few_purchases": Refusal(
        "Too little was bought for a prediction",
        "Слишком мало покупок для прогноза",
        "Wait until as many clients as the facts say have bought, and bought again.",
    ),
    "unknown_policy_version": Refusal(
        "The policy has no such version",
        "Нет такой версии клиентской политики",
        "Use a number up to `latest` in the facts.",
    ),
    "policy_read_already": Refusal(
        "You have read this version already",
        "Вы уже отметили эту версию прочитанной",
        "Nothing has to be said again.",
    ),
}
