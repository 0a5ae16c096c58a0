"""The id that ties a request to others: from its header, or a new one; on every answer."""

from uuid import UUID

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.headers import header
from app.ids import new_id

CORRELATION_HEADER = "X-Correlation-ID"
_NAME = CORRELATION_HEADER.lower().encode()


class Correlated:
    """ASGI middleware around all others: puts the id on every answer, those of failures included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the header to its answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (_NAME, str(_correlation_of(scope)).encode())]
            await send(message)

        return await self._app(scope, receive, send_with_id)


def correlation_of(request: Request) -> UUID:
    """The id of this request; one per request."""
    return _correlation_of(request.scope)


def _correlation_of(scope: Scope) -> UUID:
    known: UUID | None = scope.get("correlation_id")
    if known is None:
        known = scope["correlation_id"] = _sent(scope) or new_id()
    return known


def _sent(scope: Scope) -> UUID | None:
    sent = header(scope, _NAME)
    try:
        return None if sent is None else UUID(sent)
    except ValueError:
        return None
