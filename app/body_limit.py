"""Answers a body that is too large with a problem: one that declares its length before any of it is read.

The bytes of bodies that do not declare it are counted, which is left to the library.
"""

from fastapi import Request
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import problem_response
from app.problems import Problem

MAX_BODY_BYTES = 1_000_000
MAX_UPLOAD_BYTES = 105_000_000
"""For files, which are read in pieces: 100 MB and what the form around them takes."""
UPLOADS = frozenset({"/api/v1/imports", "/api/v1/imports/columns"})


class BodyLimit:
    """ASGI middleware: 413 where a body exceeds the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counting = {
            limit: RequestBodyLimitMiddleware(app, max_body_size=limit) for limit in (MAX_BODY_BYTES, MAX_UPLOAD_BYTES)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        limit = MAX_UPLOAD_BYTES if scope["path"] in UPLOADS else MAX_BODY_BYTES
        declared = _declared(scope)
        if declared is None:
            return await self._counting[limit](scope, receive, send)
        if declared > limit:
            problem = Problem("body_too_large", facts={"limit": limit})
            return await problem_response(Request(scope), problem)(scope, receive, send)
        return await self._app(scope, receive, send)


def _declared(scope: Scope) -> int | None:
    """How many bytes will come at most; None where the request does not say, as with `Transfer-Encoding`."""
    length: int | None = None if scope["method"] not in {"GET", "HEAD"} else 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            length = int(value) if value.isdigit() else None
    return length
