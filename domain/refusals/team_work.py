"""What a rule about team work on leads may refuse: teams, their stages and reviews."""

from domain.refusals.words import Refusal

TEAM_WORK = {
    "unknown_team": Refusal(
        "No such team",
        "Нет такой команды",
        "Use the id of a team from GET /team-work.",
        "Укажите id команды из GET /team-work.",
    ),
    "team_work_ended": Refusal(
        "The work of the team has ended",
        "Работа команды закончена",
        "Start team work anew, or use a team that is at work.",
        "Начните командную работу заново или укажите работающую команду.",
    ),
    "seller_in_other_team": Refusal(
        "The employee sells in another team of this step",
        "Сотрудник уже в другой команде этой ступени",
        "End the work of the team named in the facts, or take him out of it, first.",
        "Сначала закончите работу команды из facts или выведите его из неё.",
    ),
    "stage_out_of_order": Refusal(
        "The stage does not follow the one before",
        "Этап не следует за предыдущим",
        "Set the stage named as next in the facts.",
        "Установите этап, названный в facts как next.",
    ),
    "variant_without_reviews": Refusal(
        "The variant of the team has no reviews",
        "В этом варианте командной работы нет разборов",
        "Let the sellers exchange leads by offers, or give the variant reviews in the regulation.",
        "Пусть продавцы обмениваются лидами через предложения, или задайте разборы варианта в регламенте.",
    ),
    "nobody_works_lead": Refusal(
        "Nobody works the lead",
        "С лидом никто не работает",
        "Assign an employee, or distribute the lead.",
        "Закрепите сотрудника или распределите лид.",
    ),
    "not_the_owner": Refusal(
        "Only whoever works the lead may offer it",
        "Предложить лид может только тот, кто с ним работает",
        "Let the employee named in the facts, or a head, offer it.",
        "Пусть предложит сотрудник из facts или руководитель.",
    ),
    "exchange_pending": Refusal(
        "The lead is on offer already",
        "Лид уже предложен коллегам",
        "Let the offer be answered, or withdraw it first.",
        "Дождитесь ответа или сначала отзовите предложение.",
    ),
    "unknown_exchange": Refusal(
        "No such offer of a lead",
        "Нет такого предложения лида",
        "Use the id of an offer of this client.",
        "Укажите id предложения по этому клиенту.",
    ),
    "exchange_lapsed": Refusal(
        "The lead changed hands or step since it was offered",
        "С тех пор лид перешёл к другому сотруднику или на другой этап",
        "Whoever works it now may offer it anew.",
        "Предложить его снова может тот, кто ведёт его теперь.",
    ),
    "exchange_expired": Refusal(
        "The time to take the lead is over",
        "Срок предложения лида истёк",
        "Ask for a new offer, or send the occurred_at of an answer that was given in time.",
        "Попросите предложить лид снова или отправьте occurred_at ответа, данного вовремя.",
    ),
    "exchange_not_expired": Refusal(
        "The time of the offer is not over",
        "Срок предложения лида не истёк",
        "Wait until the time in the facts.",
        "Дождитесь времени, указанного в facts.",
    ),
    "exchange_not_waiting": Refusal(
        "The offer of the lead does not wait any more",
        "Предложение лида больше не ждёт ответа",
        "See its state in the facts; it can be offered anew.",
        "Его состояние — в facts; лид можно предложить снова.",
    ),
    "review_outdated": Refusal(
        "The team was reviewed since the plan was made",
        "После составления плана разбор уже прошёл",
        "Plan the review anew; see the facts for when the last one was held.",
        "Составьте план разбора заново; когда прошёл последний — в facts.",
    ),
}
