"""Every problem that the API answers with, beside the refusals of the domain's rules."""

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, Field

from domain.refusals import REFUSALS

PROBLEM_TYPE = "/api/v1/problems/"
MEDIA_TYPE = "application/problem+json"


class ProblemKind(NamedTuple):
    """The HTTP status of a problem, its titles, and what to do about it, in English and Russian."""

    status: int
    english: str
    russian: str
    remedy: str
    russian_remedy: str


_OWN = {
    "invalid_request": ProblemKind(
        422,
        "The request is not valid",
        "Неверный запрос",
        "Correct the fields named in errors.",
        "Исправьте поля, названные в errors.",
    ),
    "key_reused": ProblemKind(
        422,
        "The idempotency key belongs to another request",
        "Ключ идемпотентности занят другим запросом",
        "Send a new Idempotency-Key, or the same request again.",
        "Отправьте новый Idempotency-Key или ещё раз тот же запрос.",
    ),
    "not_authenticated": ProblemKind(
        401,
        "A valid token is needed",
        "Нужен действующий токен",
        "Send Authorization: Bearer with a valid token.",
        "Отправьте Authorization: Bearer с действующим токеном.",
    ),
    "forbidden": ProblemKind(
        403,
        "Your roles do not allow this",
        "Недостаточно прав",
        "Ask somebody with one of the roles in the facts.",
        "Обратитесь к сотруднику с одной из ролей в facts.",
    ),
    "not_found": ProblemKind(
        404,
        "There is nothing here",
        "Ничего не найдено",
        "Check the path; see /docs.",
        "Проверьте путь; см. /docs.",
    ),
    "method_not_allowed": ProblemKind(
        405,
        "The method is not allowed here",
        "Метод не поддерживается",
        "Use a method from the header Allow.",
        "Используйте метод из заголовка Allow.",
    ),
    "too_many_conflicts": ProblemKind(
        409,
        "Others changed this at the same moment",
        "Запись одновременно меняют другие",
        "Nothing was recorded; send the request again.",
        "Ничего не записано; отправьте запрос ещё раз.",
    ),
    "rebuild_running": ProblemKind(
        409,
        "The view is being rebuilt",
        "Представление уже перестраивается",
        "Wait until that rebuild has ended.",
        "Дождитесь, пока это перестроение закончится.",
    ),
    "preview_not_ready": ProblemKind(
        409,
        "The preview cannot be applied",
        "Предпросмотр нельзя применить",
        "See its state in the facts; only one that is ready is applied, and only once.",
        "Её состояние — в facts; применяется только готовая и только один раз.",
    ),
    "preview_outdated": ProblemKind(
        409,
        "The rules have changed since the preview",
        "Правила изменились после предпросмотра",
        "Make a new preview by the rules in force.",
        "Сделайте новую предварительную сводку по действующим правилам.",
    ),
    "duplicate_run_running": ProblemKind(
        409,
        "Duplicates are being searched for",
        "Поиск дубликатов уже идёт",
        "Wait until that run has ended.",
        "Дождитесь, пока этот поиск закончится.",
    ),
    "import_not_usable": ProblemKind(
        422,
        "The file cannot be imported",
        "Файл нельзя импортировать",
        "Correct the file or the mapping as `reason` in the facts says; nothing was changed.",
        "Исправьте файл или сопоставление, как сказано в reason в facts; ничего не изменено.",
    ),
    "too_many_imports": ProblemKind(
        409,
        "Enough imports are running",
        "Уже идёт достаточно импортов",
        "Wait until one of them has ended.",
        "Дождитесь, пока закончится один из них.",
    ),
    "import_not_done": ProblemKind(
        409,
        "The import cannot be undone as it stands",
        "Импорт в этом состоянии нельзя отменить",
        "Only an import that is done and was no dry run is undone, and only once.",
        "Отменяется только завершённый импорт, не пробный, и только один раз.",
    ),
    "import_not_listed": ProblemKind(
        409,
        "The rows left out are not known, because the import is not done",
        "Список невошедших строк неизвестен: импорт не завершён",
        "Ask again once its state is done; one that failed has no list: send the file again.",
        "Повторите, когда state станет done; у неудавшегося импорта списка нет: отправьте файл ещё раз.",
    ),
    "import_list_gone": ProblemKind(
        410,
        "The rows left out are not kept any longer",
        "Список невошедших строк больше не хранится",
        "Send the file again: what went in counts as unchanged, and the rest is listed.",
        "Отправьте файл ещё раз: вошедшее сочтётся неизменённым, остальное попадёт в список.",
    ),
    "import_of_deals": ProblemKind(
        409,
        "An import of won deals cannot be undone",
        "Импорт выигранных сделок нельзя отменить",
        "The rows of the import name clients and deals (part_id). A head corrects what a deal brought and cost, to 0 "
        "where there was none: POST /clients/{client_id}/deals/{deal_id}/correct. The clients stay in their steps.",
        "Строки импорта называют клиентов и сделки (part_id). Руководитель исправляет выручку и затраты сделки, на 0, "
        "если её не было: POST /clients/{client_id}/deals/{deal_id}/correct. Клиенты остаются на своих этапах.",
    ),
    "no_fit": ProblemKind(
        404,
        "Nothing was fitted for this currency yet",
        "Для этой валюты прогноз ещё не рассчитан",
        "Ask a head to fit the models: POST /predictions/fits.",
        "Попросите руководителя рассчитать прогноз: POST /predictions/fits.",
    ),
    "no_policy": ProblemKind(
        404,
        "No client policy is published yet",
        "Клиентская политика ещё не опубликована",
        "Ask a head to publish the first version: POST /policy/publish.",
        "Попросите руководителя опубликовать первую версию: POST /policy/publish.",
    ),
    "unknown_document": ProblemKind(
        404,
        "No such document",
        "Нет такого документа",
        "Use an id of GET /clients/{id}/documents. What was sent to an erased client is gone.",
        "Используйте id из GET /clients/{id}/documents. Отправленное стёртому клиенту не восстановить.",
    ),
    "no_rate": ProblemKind(
        409,
        "No exchange rate is recorded for the day",
        "Нет курса на этот день",
        "Record one: POST /regulation/exchange-rates; the facts name the currencies.",
        "Запишите курс: POST /regulation/exchange-rates; валюты — в facts.",
    ),
    "version_stale": ProblemKind(
        412,
        "It has changed since you read it",
        "Данные изменились после чтения",
        "Read it again and send its ETag in If-Match.",
        "Прочитайте ещё раз и отправьте полученный ETag в If-Match.",
    ),
    "body_too_large": ProblemKind(
        413,
        "The body is too large",
        "Слишком большой запрос",
        "Send a smaller body.",
        "Отправьте тело меньшего размера.",
    ),
    "too_many_requests": ProblemKind(
        429,
        "Too many requests",
        "Слишком много запросов",
        "Wait for the time in Retry-After.",
        "Подождите столько, сколько указано в Retry-After.",
    ),
    "internal_error": ProblemKind(
        500,
        "The service has failed",
        "Сбой сервиса",
        "Report the correlation_id from the facts; sending the request again with an Idempotency-Key is safe.",
        "Сообщите correlation_id из facts; повторить запрос с Idempotency-Key безопасно.",
    ),
    "view_behind": ProblemKind(
        503,
        "The view has not caught up yet",
        "Представление ещё не обновлено",
        "Ask again after the time in Retry-After.",
        "Повторите запрос через время, указанное в Retry-After.",
    ),
    "database_unavailable": ProblemKind(
        503,
        "The database cannot be reached",
        "База данных недоступна",
        "Ask again after the time in Retry-After.",
        "Повторите запрос через время, указанное в Retry-After.",
    ),
}

REFUSED_STATUS = 409

PROBLEMS = _OWN | {code: ProblemKind(REFUSED_STATUS, *refusal) for code, refusal in REFUSALS.items()}
"""Every problem by its code: the API's own ones and the refusals."""


class Problem(Exception):
    """An answer that is a problem: `code` is one of `PROBLEMS`, `errors` are messages by field.

    `status` replaces the usual one, as where an unknown part is named by the path (404) and not by the body (409).
    """

    def __init__(
        self,
        code: str,
        *,
        status: int | None = None,
        facts: dict[str, Any] | None = None,
        errors: "dict[str, list[dict[str, str]]] | None" = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or PROBLEMS[code].status
        self.facts = facts or {}
        self.errors = errors or {}
        self.headers = headers or {}


def invalid(field: str, message: str, rule: str) -> Problem:
    """The problem of one field that the caller has to correct."""
    return Problem("invalid_request", errors={field: [{"message": message, "rule": rule}]})


def bad_cursor() -> Problem:
    """The problem of a cursor that this list has not given out."""
    message = "Send the next_cursor of this list, with the same filters and order, or leave it out."
    return invalid("cursor", message, "bad_cursor")


class FieldError(BaseModel):
    """What is wrong with a field."""

    message: str
    rule: Annotated[str, Field(description="A stable name of the rule", examples=["missing"])]


class ProblemBody(BaseModel):
    """A problem (RFC 9457). `code` is stable; `title` and `detail` are in English or Russian, by Accept-Language."""

    type: Annotated[str, Field(examples=[PROBLEM_TYPE + "criteria_not_met"])]
    title: Annotated[str, Field(examples=["Qualification criteria are not met"])]
    status: Annotated[int, Field(examples=[REFUSED_STATUS])]
    detail: Annotated[str, Field(description="What to do about it")]
    code: Annotated[str, Field(examples=["criteria_not_met"])]
    facts: Annotated[
        dict[str, Any], Field(description="What the rule looked at", examples=[{"missing": ["need_confirmed"]}])
    ] = {}
    errors: Annotated[dict[str, list[FieldError]], Field(description="What to correct, by field")] = {}
