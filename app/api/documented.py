"""How problems are documented in OpenAPI: by status, with their codes and what to do about each."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.problems import MEDIA_TYPE, PROBLEMS

PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}
Responses = dict[int | str, dict[str, Any]]


def problems_documented(by_status: Mapping[int, Iterable[str]], *codes: str) -> Responses:
    """The problem answers of a route: codes under a status of their own, and `codes` under their usual status."""
    statuses = {status: list(listed) for status, listed in by_status.items()}
    for code in codes:
        statuses.setdefault(PROBLEMS[code].status, []).append(code)
    return {status: _response(listed) for status, listed in sorted(statuses.items()) if listed}


def _response(codes: list[str]) -> dict[str, Any]:
    lines = [f"- `{code}`: {PROBLEMS[code].english}. {PROBLEMS[code].remedy}" for code in codes]
    schema = {"allOf": [PROBLEM_SCHEMA], "properties": {"code": {"enum": codes}}}
    return {"description": "\n".join(lines), "content": {MEDIA_TYPE: {"schema": schema}}}


COMMON_PROBLEMS = problems_documented(
    {}, "not_authenticated", "invalid_request", "key_reused", "internal_error", "database_unavailable"
)
"""What every route may answer."""
