"""Parameters that a route does not know, or would read but one of, are refused: it would answer what was not asked."""

from typing import Any, get_args, get_origin
from weakref import WeakKeyDictionary

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from app.problems import Problem

NOTHING_FOR_NONE = "the empty text: none"
"""How every filter by a value asks for what has none."""
_ELSEWHERE = (params.Path, params.Header, params.Cookie)


class _Known:
    """The names of a route's query parameters; `single` are those that have one value.

    `families` are beginnings of names, as `attribute.`.
    """

    def __init__(self, route: APIRoute) -> None:
        fields = get_flat_params(route.dependant)
        read = [field for field in fields if not isinstance(field.field_info, _ELSEWHERE)]
        self.names = {field.alias for field in read}
        self.single = {field.alias for field in read if not _takes_many(field.field_info.annotation)}
        documented: list[dict[str, Any]] = (route.openapi_extra or {}).get("parameters", [])
        self.families = tuple(parameter["name"].partition("{")[0] for parameter in documented)

    def include(self, name: str) -> bool:
        """Whether the route reads such a parameter."""
        return name in self.names or name.startswith(self.families)


def _takes_many(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_takes_many(part) for part in get_args(annotation))


_KNOWN: WeakKeyDictionary[Any, _Known] = WeakKeyDictionary()
"""By the function that answers the route."""


def _known(request: Request) -> _Known:
    endpoint = request.scope["endpoint"]
    known = _KNOWN.get(endpoint)
    if known is None:
        known = _KNOWN[endpoint] = _Known(request.scope["route"])
    return known


async def known_parameters(request: Request) -> None:
    """The dependency of every GET.

    Raises:
        Problem: `invalid_request`, naming each query parameter that the route does not know, or takes only once.
    """
    if request.method != "GET" or not request.query_params:
        return
    if wrong := _wrong(_known(request), request.query_params):
        raise Problem("invalid_request", errors=wrong)


def _wrong(known: _Known, sent: QueryParams) -> dict[str, list[dict[str, str]]]:
    unknown = f"Leave this parameter out; known here: {', '.join(sorted(known.names)) or 'none'}."
    errors = {name: _error(unknown, "extra_forbidden") for name in sent if not known.include(name)}
    repeated = (name for name in sent if name in known.single and len(sent.getlist(name)) > 1)
    return errors | {name: _error("Send this parameter once.", "repeated") for name in repeated}


def _error(message: str, rule: str) -> list[dict[str, str]]:
    return [{"message": message, "rule": rule}]
