"""What a rule about the firm may refuse: employees, regulation, calendar, scripts, policy, prediction."""

from domain.refusals.words import Refusal

FIRM = {
    "unknown_employee": Refusal(
        "No such employee",
        "Нет такого сотрудника",
        "Use the id of a registered employee.",
        "Используйте id зарегистрированного сотрудника.",
    ),
    "employee_exists": Refusal(
        "An employee with this code exists",
        "Сотрудник с таким кодом уже есть",
        "Choose another code.",
        "Выберите другой код.",
    ),
    "employee_left": Refusal(
        "The employee has left",
        "Сотрудник уволен",
        "Choose an employee who works here.",
        "Выберите сотрудника, который здесь работает.",
    ),
    "employee_not_left": Refusal(
        "The employee has not left",
        "Сотрудник не уволен",
        "Nothing has to be recorded.",
        "Записывать нечего.",
    ),
    "wrong_choice": Refusal(
        "Kind and choices of the attribute do not fit",
        "Вид реквизита и варианты выбора не сочетаются",
        "Send choices with the kind choice, and only with it.",
        "Отправляйте choices с видом choice и только с ним.",
    ),
    "attribute_of_another_kind": Refusal(
        "The attribute is declared with another kind",
        "Реквизит объявлен другого вида",
        "Declare an attribute with another name; clients carry values of the old kind.",
        "Объявите реквизит с другим именем: у клиентов уже есть значения прежнего вида.",
    ),
    "unknown_country": Refusal(
        "No public holidays are known for this country",
        "Праздники этой страны неизвестны",
        "Send one of the countries in the facts, or null and enter days off one by one.",
        "Отправьте одну из стран в facts или null и введите выходные по одному.",
    ),
    "unknown_subdivision": Refusal(
        "The country has no such part with public holidays of its own",
        "В стране нет такой части со своими праздниками",
        "Send one of the parts in the facts, or none.",
        "Отправьте одну из частей страны в facts или не отправляйте её.",
    ),
    "unknown_day": Refusal(
        "The day is no exception of the calendar",
        "Этот день — не исключение календаря",
        "Nothing has to be cleared.",
        "Убирать нечего.",
    ),
    "unknown_personality_type": Refusal(
        "The firm does not use this personality type",
        "Такого типажа нет среди принятых",
        "Set the firm's types first, or leave the unknown ones out.",
        "Сначала задайте типажи фирмы или уберите неизвестные.",
    ),
    "personality_type_missing": Refusal(
        "A type of the firm is missing in the matrix",
        "В матрице нет принятого типажа",
        "Send a row for the missing types, or a score of another row with them.",
        "Отправьте строку для недостающих типажей или оценку в другой строке.",
    ),
    "script_exists": Refusal(
        "The script exists already",
        "Сценарий уже существует",
        "Publish a new version of it.",
        "Опубликуйте его новую версию.",
    ),
    "unknown_script": Refusal(
        "No such script",
        "Нет такого сценария",
        "Use the id of a script in GET /scripts.",
        "Используйте id сценария из GET /scripts.",
    ),
    "unknown_script_version": Refusal(
        "The script has no such version",
        "У сценария нет такой версии",
        "Use a version up to `latest` in the facts.",
        "Используйте версию не больше latest из facts.",
    ),
    "wrong_script_steps": Refusal(
        "The steps do not fit the version of the script",
        "Шаги не соответствуют версии сценария",
        "Name each step once, as the version in the facts has it.",
        "Назовите каждый шаг один раз, как в версии из facts.",
    ),
    "script_retired": Refusal(
        "The script is retired",
        "Сценарий выведен из употребления",
        "Create a new script.",
        "Создайте новый сценарий.",
    ),
    "too_few_purchases": Refusal(
        "Too little was bought for a prediction",
        "Слишком мало покупок для прогноза",
        "Wait until as many clients as the facts say have bought, and bought again.",
        "Дождитесь стольких покупавших и покупавших повторно клиентов, сколько указано в facts.",
    ),
    "unknown_policy_version": Refusal(
        "The policy has no such version",
        "Нет такой версии клиентской политики",
        "Use a number up to `latest` in the facts; where it is 0, none is published yet: POST /policy/publish.",
        "Укажите номер не больше latest из facts; если он 0, политика ещё не опубликована: POST /policy/publish.",
    ),
    "policy_read_already": Refusal(
        "You have read this version already",
        "Вы уже отметили эту версию прочитанной",
        "Nothing has to be said again.",
        "Повторять не нужно.",
    ),
}
