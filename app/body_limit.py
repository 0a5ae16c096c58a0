"""Answers a declared body that is too large with a problem, before any of it is read.

FastAPI's own limit on the router counts the bytes of bodies that do not declare their length.
"""

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import problem_response
from app.problems import Problem

MAX_BODY_BYTES = 1_000_000


class DeclaredBodyLimit:
    """ASGI middleware: 413 where Content-Length exceeds the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http" and _declared(scope) > MAX_BODY_BYTES:
            problem = Problem("body_too_large", facts={"limit": MAX_BODY_BYTES})
            return await problem_response(Request(scope), problem)(scope, receive, send)
        return await self._app(scope, receive, send)


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0
