"""Turns every failure into an answer of the kind application/problem+json (RFC 9457)."""

import logging
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, cast

import orjson
from asyncpg.exceptions import InterfaceError, InternalClientError, PostgresError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from app.correlation import correlation_of
from app.execute import KeyReused, StaleVersion, TooManyConflicts
from app.problems import MEDIA_TYPE, PROBLEM_TYPE, PROBLEMS, Problem, bad_cursor, invalid
from domain.kernel import Refused
from projections.paging import BadCursor

log = logging.getLogger(__name__)

RETRY_SOON = {"Retry-After": "1"}
BAD_REQUEST = 400
_BY_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    429: "too_many_requests",
}
_WHAT_TO_DO = {
    "missing": "Send this field.",
    "extra_forbidden": "Leave this field out; it is not known here.",
    "model_type": "Send a JSON object.",
    "model_attributes_type": "Send a JSON object with the header Content-Type: application/json.",
}
_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")
"""How Python writes a word of the trade; a caller only knows the word."""
_UNREACHABLE = (ConnectionError, FileNotFoundError, TimeoutError, PoolTimeoutError, InternalClientError)
_DATA_EXCEPTION, _UNREACHABLE_CLASSES = "22", ("08", "53", "57")


def language_of(accept: str, default: str = "en") -> str:
    """`ru` or `en`, whichever an Accept-Language prefers; the default, where it names neither."""
    weights = {"en": 0.0, "ru": 0.0, default: 0.001}
    for item in accept.lower().split(","):
        tag, _, quality = item.strip().partition(";q=")
        language = tag.partition("-")[0]
        weights[language] = max(weights.get(language, 0.0), _weight(quality))
    return "ru" if weights["ru"] > weights["en"] else "en"


def _weight(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0


def problem_response(request: Request, problem: Problem) -> Response:
    """The problem as an answer to this request."""
    kind = PROBLEMS[problem.code]
    russian = language_of(request.headers.get("accept-language", ""), request.app.state.language) == "ru"
    body = {
        "type": PROBLEM_TYPE + problem.code,
        "title": kind.russian if russian else kind.english,
        "status": problem.status,
        "detail": kind.russian_remedy if russian else kind.remedy,
        "code": problem.code,
        "facts": problem.facts,
        "errors": problem.errors,
    }
    return Response(_as_json(body), problem.status, problem.headers, MEDIA_TYPE)


def _as_json(body: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, default=_plain)
    except TypeError:  # an integer beyond 64 bits
        facts = {name: str(value) for name, value in body["facts"].items()}
        return orjson.dumps(body | {"facts": facts}, default=_plain)


def _plain(value: Any) -> Any:
    return sorted(cast("frozenset[str]", value)) if isinstance(value, set | frozenset) else str(value)


def field_errors(errors: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, str]]]:
    """What to correct, by field: the path of the field in the body, or the name of the parameter."""
    by_field: dict[str, list[dict[str, str]]] = {}
    for error in errors:
        rule = str(error["type"])
        by_field.setdefault(_field(error), []).append({"message": _message(error, rule), "rule": rule})
    return by_field


def _field(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return "body"
    parts = error["loc"][1:] or error["loc"]
    return ".".join(str(part) for part in parts).encode("utf-8", "backslashreplace").decode()


def _message(error: Mapping[str, Any], rule: str) -> str:
    context: dict[str, Any] = error.get("ctx") or {}
    if rule == "json_invalid":
        place = error["loc"][-1]
        return f"Malformed JSON{f' at character {place}' if isinstance(place, int) else ''}: {context.get('error')}"
    if rule == "value_error":
        return str(context.get("error"))
    return _WHAT_TO_DO.get(rule) or _MEMBER.sub(r"\1", str(error["msg"]))


def body_problem(error: ValidationError) -> Problem:
    """The problem of a body that is not the one that was expected."""
    located = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors(include_url=False)]
    return Problem("invalid_request", errors=field_errors(located))


def _of_validation(error: RequestValidationError) -> Problem:
    return Problem("invalid_request", errors=field_errors(error.errors()))


def _of_refusal(refused: Refused) -> Problem:
    return Problem(refused.code, facts=refused.facts)


def _of_http(error: HTTPException) -> Problem:
    if error.status_code == BAD_REQUEST:
        return invalid("body", str(error.detail), "json_invalid")
    return Problem(_BY_STATUS.get(error.status_code, "internal_error"), headers=dict(error.headers or {}))


def _of_database(error: DBAPIError | PostgresError | InterfaceError) -> Problem:
    """Errors of the driver, wrapped by SQLAlchemy or not."""
    wrapped = error.orig if isinstance(error, DBAPIError) else None
    cause = (wrapped.__cause__ or wrapped) if wrapped else error
    state = str(cast(Any, cause).sqlstate) if isinstance(cause, PostgresError) else ""
    if isinstance(cause, ValueError) or state.startswith(_DATA_EXCEPTION):
        return invalid("query", "Send values that the database can hold: no NUL, numbers in range.", "out_of_range")
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    if lost or isinstance(cause, InterfaceError | OSError) or state.startswith(_UNREACHABLE_CLASSES):
        return _unavailable(error)
    return _unexpected(error)


def _unavailable(error: Exception) -> Problem:
    log.error("the database cannot be reached: %s", error)
    return Problem("database_unavailable", headers=RETRY_SOON)


def _unexpected(_: Exception) -> Problem:
    return Problem("internal_error")


_HANDLED: Mapping[type[Exception], Callable[[Any], Problem]] = {
    Problem: lambda problem: problem,
    Refused: _of_refusal,
    RequestValidationError: _of_validation,
    HTTPException: _of_http,
    StaleVersion: lambda error: Problem("version_stale", facts={"version": error.version}),
    KeyReused: lambda _: Problem("key_reused"),
    BadCursor: lambda _: bad_cursor(),
    TooManyConflicts: lambda _: Problem("too_many_conflicts"),
    **dict.fromkeys((DBAPIError, PostgresError, InterfaceError), _of_database),
    **dict.fromkeys(_UNREACHABLE, _unavailable),
    Exception: _unexpected,
}


def install(app: FastAPI) -> None:
    """Let the app answer every exception with a problem."""
    for error, problem_of in _HANDLED.items():
        app.add_exception_handler(error, _handler(problem_of))


def _handler(problem_of: Callable[[Any], Problem]) -> Callable[[Request, Exception], Coroutine[None, None, Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        if problem.code == "internal_error":
            problem.facts = {"correlation_id": correlation_of(request)}
            log.error("request %s failed: %s", correlation_of(request), request.url.path, exc_info=error)
        return problem_response(request, problem)

    return answer
