"""What a rule about working a client may refuse: assignment, contacts, tasks, qualification, distribution."""

from domain.refusals.words import Refusal

WORKING = {
    "client_disqualified": Refusal(
        "The client is disqualified",
        "Клиент отклонён",
        "Reopen the client before working on it.",
        "Сначала верните клиента в работу.",
    ),
    "client_not_disqualified": Refusal(
        "The client is not disqualified",
        "Клиент не отклонён",
        "Nothing has to be reopened.",
        "Возвращать в работу нечего.",
    ),
    "unknown_search_assignment": Refusal(
        "No such search assignment",
        "Нет такого задания на поиск",
        "Use the id of a search assignment.",
        "Укажите id существующего задания на поиск.",
    ),
    "search_assignment_closed": Refusal(
        "The search assignment is closed",
        "Задание на поиск закрыто",
        "Give a new one, or name an open one.",
        "Дайте новое задание или укажите открытое.",
    ),
    "employee_not_in_step": Refusal(
        "The employee does not work in this step",
        "Сотрудник не работает на этой ступени",
        "Choose an employee of the step, or add the step to the employee.",
        "Выберите сотрудника этой ступени или добавьте ему ступень.",
    ),
    "already_assigned": Refusal(
        "The employee works this client already",
        "Клиент уже закреплён за сотрудником",
        "Nothing has to be assigned.",
        "Закреплять нечего.",
    ),
    "failure_reason_required": Refusal(
        "A reassignment needs the reason of failure",
        "Для передачи другому нужна причина неудачи",
        "Send failure_reason.",
        "Отправьте failure_reason.",
    ),
    "unknown_inquiry": Refusal(
        "No such inquiry",
        "Нет такого обращения",
        "Use the id of an inquiry of this client.",
        "Используйте id обращения этого клиента.",
    ),
    "inquiry_not_open": Refusal(
        "The inquiry is answered or closed already",
        "На обращение уже ответили или его закрыли",
        "Record what was said as a contact.",
        "Запишите сказанное как контакт.",
    ),
    "nobody_answered": Refusal(
        "A contact that reached nobody answers no inquiry",
        "Контакт ни с кем не состоялся и не может быть ответом",
        "Leave out answers_inquiry_id, and answer when somebody is reached.",
        "Не отправляйте answers_inquiry_id; ответьте, когда дозвонитесь.",
    ),
    "unknown_task": Refusal(
        "No such task",
        "Нет такой задачи",
        "Use the id of a task of this client.",
        "Используйте id задачи этого клиента.",
    ),
    "task_not_open": Refusal(
        "The task is not open",
        "Задача не открыта",
        "Set a new task.",
        "Поставьте новую задачу.",
    ),
    "wrong_step": Refusal(
        "Not possible in the client's step",
        "Недопустимо на ступени клиента",
        "See the facts for the steps it needs.",
        "Нужные ступени — в facts.",
    ),
    "already_qualified": Refusal(
        "The client is qualified already",
        "Клиент уже квалифицирован",
        "Offer the handoff to the next step.",
        "Предложите передачу на следующую ступень.",
    ),
    "criteria_not_met": Refusal(
        "Qualification criteria are not met",
        "Критерии квалификации не выполнены",
        "See the facts for what is missing.",
        "Чего не хватает — в facts.",
    ),
    "not_qualified": Refusal(
        "The client is not qualified",
        "Клиент не квалифицирован",
        "Qualify the client first.",
        "Сначала квалифицируйте клиента.",
    ),
    "lead_changed": Refusal(
        "The lead has changed since it was planned",
        "Лид изменился после составления плана",
        "See the facts for where it stands; plan it again.",
        "Где он теперь — в facts; составьте план ещё раз.",
    ),
    "failed_with_lead": Refusal(
        "The employee has failed with this lead before",
        "Сотрудник уже не справился с этим лидом",
        "Choose another employee.",
        "Выберите другого сотрудника.",
    ),
    "no_leads": Refusal(
        "There are no leads to distribute",
        "Нет лидов для распределения",
        "Widen the filter, or name the leads.",
        "Расширьте отбор или назовите лиды.",
    ),
    "no_employees_to_give_to": Refusal(
        "There is nobody to give leads to",
        "Некому распределять лиды",
        "Name employees of the step, or let employees work in it.",
        "Назовите сотрудников ступени или допустите к ней сотрудников.",
    ),
    "too_many_leads": Refusal(
        "Too many leads for one distribution",
        "Слишком много лидов для одного распределения",
        "Narrow the filter; the facts say how many are possible.",
        "Сузьте отбор; сколько возможно — в facts.",
    ),
    "unknown_distribution": Refusal(
        "No such distribution",
        "Нет такого распределения",
        "Use the id of a distribution.",
        "Используйте id распределения.",
    ),
    "distribution_in_other_stage": Refusal(
        "Not possible in the distribution's stage",
        "Недопустимо на этапе распределения",
        "See the facts for its stage; a distribution is applied once.",
        "Его стадия — в facts; распределение применяется один раз.",
    ),
    "lead_not_in_plan": Refusal(
        "The lead is not in this plan",
        "Лида нет в этом плане",
        "Use the id of a client in its lines.",
        "Используйте id клиента из его строк.",
    ),
    "employee_not_in_plan": Refusal(
        "The employee is not in this plan",
        "Сотрудника нет в этом плане",
        "Use the id of an employee of the plan.",
        "Используйте id сотрудника из плана.",
    ),
    "no_capacity_left": Refusal(
        "The employee has no room for another client",
        "У сотрудника нет места для клиента",
        "Take another lead from him first, or choose another employee.",
        "Сначала заберите у него другой лид или выберите другого сотрудника.",
    ),
}
