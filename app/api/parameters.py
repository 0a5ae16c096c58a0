"""Parameters that a route does not know are refused: a misspelt filter would answer what was not asked."""

from typing import Any
from weakref import WeakKeyDictionary

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from app.problems import Problem

_ELSEWHERE = (params.Path, params.Header, params.Cookie)


class _Known:
    """The names of a route's query parameters; `families` are beginnings of names, as `attribute.`."""

    def __init__(self, route: APIRoute) -> None:
        fields = get_flat_params(route.dependant)
        self.names = {field.alias for field in fields if not isinstance(field.field_info, _ELSEWHERE)}
        documented: list[dict[str, Any]] = (route.openapi_extra or {}).get("parameters", [])
        self.families = tuple(parameter["name"].partition("{")[0] for parameter in documented)

    def include(self, name: str) -> bool:
        """Whether the route reads such a parameter."""
        return name in self.names or name.startswith(self.families)


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
        Problem: `invalid_request`, naming each query parameter that the route does not know.
    """
    if request.method != "GET" or not request.query_params:
        return
    known = _known(request)
    unknown = [name for name in request.query_params if not known.include(name)]
    if unknown:
        message = f"Leave this parameter out; known here: {', '.join(sorted(known.names)) or 'none'}."
        raise Problem(
            "invalid_request",
            errors={name: [{"message": message, "rule": "extra_forbidden"}] for name in unknown},
        )
