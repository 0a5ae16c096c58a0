"""The id that ties a request to others: from its header, or a new one; on every answer."""

from uuid import UUID, uuid4

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        known = scope["correlation_id"] = _sent(scope) or uuid4()
    return known


def _sent(scope: Scope) -> UUID | None:
    for name, value in scope["headers"]:
        if name == _NAME:
            try:
                return UUID(value.decode("latin-1"))
            except ValueError:
                return None
    return None
