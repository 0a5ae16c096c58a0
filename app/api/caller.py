"""What a request says about its circumstances: who calls, in which chain of requests, under which conditions."""

import re
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security.base import SecurityBase

from app.auth import BearerToken, bearer_token
from app.correlation import CORRELATION_HEADER, correlation_of
from app.execute import Call
from app.headers import header
from app.problems import invalid
from app.services import Services
from domain.kernel import Actor

LONGEST_KEY = 200
REPLAYED_HEADER = "Idempotent-Replayed"
_CORRELATION = CORRELATION_HEADER.lower().encode()
_STRONG_ETAG = re.compile(r'"(\d{1,18})"')


class CommandCaller(SecurityBase):
    """The circumstances of every command: the caller and the headers that commands understand, as a `Call`."""

    model = BearerToken.model
    scheme_name = BearerToken.scheme_name

    async def __call__(self, request: Request) -> Call:
        """The circumstances of this request."""
        actor = await bearer_token(request)
        key = _idempotency_key(request)
        digest = await _digest(request) if key else b""
        return Call(actor, _correlation(request), None, key, digest, _if_match(request))


def _correlation(request: Request) -> UUID:
    sent = header(request.scope, _CORRELATION)
    correlation_id = correlation_of(request)
    if sent is not None and sent.lower() != str(correlation_id):
        raise invalid(CORRELATION_HEADER, "Send a UUID, or leave the header out.", "uuid_parsing")
    return correlation_id


def _idempotency_key(request: Request) -> str | None:
    key = header(request.scope, b"idempotency-key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise invalid("Idempotency-Key", f"Send 1 to {LONGEST_KEY} characters.", "string_length")
    return key


async def _digest(request: Request) -> bytes:
    """Tells requests apart that carry the same idempotency key."""
    target = f"{request.method} {request.url.path}\n".encode()
    return sha256(target + await request.body()).digest()


def _if_match(request: Request) -> int | None:
    sent = header(request.scope, b"if-match")
    if sent is None or sent.strip() == "*":
        return None
    etag = _STRONG_ETAG.fullmatch(sent.strip())
    if etag is None:
        raise invalid("If-Match", 'Send one strong ETag as you got it, such as "3", or *.', "etag")
    return int(etag[1])


def services_of(request: Request) -> Services:
    """The services behind the application."""
    return request.app.state.services


class UploadCaller(SecurityBase):
    """The circumstances of a command that comes with a file: the body, which may be long, is not read here."""

    model = BearerToken.model
    scheme_name = BearerToken.scheme_name

    async def __call__(self, request: Request) -> Call:
        """The circumstances of this request, without its digest."""
        actor = await bearer_token(request)
        return Call(actor, _correlation(request), None, _idempotency_key(request))


command_caller = CommandCaller()

Caller = Annotated[Call, Depends(command_caller)]
"""The caller of a command."""

Uploader = Annotated[Call, Depends(UploadCaller())]
"""The caller of a command that comes with a file."""

Reader = Annotated[Actor, Depends(bearer_token)]
"""The caller of a GET."""


def _header(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": description, "schema": schema}


IDEMPOTENCY_HEADER = _header(
    "Idempotency-Key",
    "The same key and request get the first answer again, with the header Idempotent-Replayed: true.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
)
COMMAND_HEADERS = [
    IDEMPOTENCY_HEADER,
    _header("If-Match", "The ETag that you know; 412 when the stream has moved on.", {"type": "string"}),
    _header(CORRELATION_HEADER, "Ties this request to others; sent back.", {"type": "string", "format": "uuid"}),
    _header("Accept-Language", "`ru` for problems in Russian.", {"type": "string"}),
]
"""The headers of commands, for the documentation; `CommandCaller` reads them."""
