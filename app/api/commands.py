"""One POST route per command: the body is the command, the answer says where its facts stand in the log."""

import inspect
import re
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Path, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError, create_model
from starlette.types import Receive, Scope, Send

from app.api import BASE
from app.api.caller import COMMAND_HEADERS, REPLAYED_HEADER, Caller, command_caller, services_of
from app.api.documented import problems_documented
from app.auth import authorize
from app.command_queue import queue_of
from app.errors import body_problem
from app.execute import Aggregate, Call, Outcome
from app.headers import header
from app.identity import Doubt
from app.ids import parse_id
from app.problems import REFUSED_STATUS, Problem, invalid
from app.services import Services
from domain.kernel import EVENTS, Command, Refused

OK, CREATED, NOT_FOUND = 200, 201, 404
_REPLAYED = REPLAYED_HEADER.lower().encode()
NOTHING = b"{}"
"""What no body at all stands for."""
_create_model: Any = create_model
"""Typed for fields that are known by name only."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
CarryOut = Callable[[Services, UUID | None, Any, Call], Awaitable[Outcome]]
"""Carries a command out on the stream that its path names, if it names one."""
_ALWAYS = ("in_future",)


class _Answer(BaseModel):
    """What a command did: the stream, its new version, and the position of the last new event in the log.

    The ids of new parts are there where the command made one.
    """

    id: Annotated[UUID, Field(description="The client, employee or regulation")]
    version: Annotated[int, Field(description="Also the ETag", examples=[1])]
    position: Annotated[int, Field(description="Send it as `after` to read your own write", examples=[1])]
    warnings: Annotated[list[Doubt] | None, Field(description="What looks wrong and was taken as it is")] = None


_PART_IDS = sorted({event.begins for event in EVENTS.values() if event.begins})
Answer: type[_Answer] = _create_model(
    "Answer", __base__=_Answer, __doc__=_Answer.__doc__, **dict.fromkeys(_PART_IDS, (UUID | None, None))
)
"""The answer with the ids of all the parts that there may be."""


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one kind. `begin` gives the stream of a command whose path names none.

    `action`: what a caller has to be allowed to do; the name of the command, where it is absent.
    """

    aggregate: Aggregate[Any]
    name: str
    begin: Callable[[Any], UUID]
    refusals: tuple[str, ...] = _ALWAYS
    action: str | None = None


@dataclass(frozen=True)
class _Route:
    """What the path of a command says: which stream, and which fields of the command."""

    path: str
    command: type[Command]
    streams: Streams

    @property
    def action(self) -> str:
        return self.streams.action or self.command.__name__

    @property
    def names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def stream_parameter(self) -> str | None:
        name = f"{self.streams.name}_id"
        return name if name in self.names else None

    @property
    def fields(self) -> list[str]:
        return [name for name in self.names if name != self.stream_parameter]

    @property
    def refusals(self) -> list[str]:
        common = self.streams.refusals if self.stream_parameter else _ALWAYS
        return list(dict.fromkeys((*common, *self.command.refusals)))

    @property
    def not_found(self) -> list[str]:
        """The refusals that mean: what the path names does not exist."""
        codes = {f"unknown_{name.removesuffix('_id')}" for name in self.names}
        return [code for code in self.refusals if code in codes]

    def body(self) -> type[BaseModel]:
        """The command without the fields that the path carries."""
        if not self.fields:
            return self.command
        fields = {n: (i.annotation, i) for n, i in self.command.model_fields.items() if n not in self.fields}
        return _create_model(
            self.command.__name__, __config__=self.command.model_config, __doc__=self.command.__doc__, **fields
        )


def command_route(
    router: APIRouter,
    path: str,
    command: type[Command],
    streams: Streams,
    creates: str | None = None,
    carry_out: CarryOut | None = None,
    problems: Sequence[str] = (),
) -> None:
    """Add the route of a command. `creates` names the id of the part that it makes; `id` for a new stream.

    `carry_out` does what has to be done beside deciding it; without it the executor alone does the work. `problems`
    are the codes that only it may answer with.
    """
    route = _Route(path, command, streams)
    summary, _, _ = (command.__doc__ or "").partition(".")
    conflicts = [code for code in route.refusals if code not in route.not_found]
    router.add_api_route(
        path,
        _endpoint(route, creates, carry_out or _executed(streams)),
        methods=["POST"],
        status_code=CREATED if creates else OK,
        response_model=Answer,
        summary=" ".join(summary.split()),
        description=inspect.cleandoc(command.__doc__ or ""),
        operation_id=re.sub(r"(?<!^)(?=[A-Z])", "_", command.__name__).lower(),
        responses=problems_documented(
            {REFUSED_STATUS: conflicts, NOT_FOUND: route.not_found},
            "too_many_conflicts",
            "too_many_requests",
            "version_stale",
            "body_too_large",
            "forbidden",
            *problems,
        ),
        openapi_extra={"parameters": COMMAND_HEADERS},
        route_class_override=_CommandRoute,
    )


class _CommandRoute(APIRoute):
    """A route whose endpoint answers the request itself, in half the time; its signature is for the documentation."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in (self.methods or ()):
            response = await self.endpoint(Request(scope, receive, send))
            await response(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


class _JsonResponse(Response):
    """JSON that is encoded already, with headers that are."""

    def __init__(self, content: bytes, status: int, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.body, self.status_code, self.background = content, status, None
        self.raw_headers = [
            (b"content-length", b"%d" % len(content)),
            (b"content-type", b"application/json"),
            *headers,
        ]


def _executed(streams: Streams) -> CarryOut:
    async def carry_out(services: Services, stream_id: UUID | None, command: Any, call: Call) -> Outcome:
        return await services.executor.execute(streams.aggregate, stream_id or streams.begin(command), command, call)

    return carry_out


def _endpoint(route: _Route, creates: str | None, carry_out: CarryOut) -> Handler:
    stream_parameter = route.stream_parameter
    not_found, read = frozenset(route.not_found), _reader(route)
    status = CREATED if creates else OK
    location = f"{BASE}{route.path}/" if creates == "id" else None

    async def endpoint(request: Request) -> Response:
        with queue_of(request):
            call = await command_caller(request)
            authorize(call.actor, route.action)
            stream_id = _uuid(stream_parameter, request.path_params[stream_parameter]) if stream_parameter else None
            command = await read(request)
            try:
                outcome = await carry_out(services_of(request), stream_id, command, call)
            except Refused as refused:
                if refused.code in not_found:
                    raise Problem(refused.code, status=NOT_FOUND, facts=refused.facts) from None
                raise
            return _answered(outcome, status, location)

    endpoint.__signature__ = _signature(route)  # pyright: ignore[reportFunctionMemberAccess]
    return endpoint


def _uuid(name: str, text: str) -> UUID:
    try:
        return parse_id(text)
    except ValueError:
        raise invalid(name, "Send a UUID.", "uuid_parsing") from None


def _reader(route: _Route) -> Callable[[Request], Awaitable[Command]]:
    """Reads a command from the body and the path; what is wrong is a problem by field."""
    command, body_type, fields = route.command, route.body(), route.fields

    async def read(request: Request) -> Command:
        content = await request.body()
        if content and not _is_json(header(request.scope, b"content-type") or ""):
            raise invalid("body", "Send JSON with the header Content-Type: application/json.", "content_type")
        try:
            body = body_type.model_validate_json(content or NOTHING)
            if isinstance(body, command):
                return body
            sent = {name: getattr(body, name) for name in body.model_fields_set}
            return command(**sent, **{name: request.path_params[name] for name in fields})
        except ValidationError as error:
            raise body_problem(error) from None

    return read


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _answered(outcome: Outcome, status: int, location: str | None) -> Response:
    answer = outcome.answer
    headers = [(b"etag", b'"%d"' % answer["version"])]
    if location:
        headers.append((b"location", f"{location}{answer['id']}".encode()))
    if outcome.replayed:
        headers.append((_REPLAYED, b"true"))
    return _JsonResponse(orjson.dumps(answer), status, headers)


def _signature(route: _Route) -> inspect.Signature:
    """What FastAPI reads the parameters from: each one of the path, the body and the circumstances."""
    body = route.body()
    required = any(field.is_required() for field in body.model_fields.values())
    parameters = [
        _parameter("call", Caller),
        *(_parameter(name, Annotated[_path_type(route, name), Path()]) for name in route.names),
        _parameter(
            "body",
            Annotated[body, Body(examples=list(route.command.examples) or None)],
            default=inspect.Parameter.empty if required else None,
        ),
    ]
    return inspect.Signature(parameters)


def _path_type(route: _Route, name: str) -> Any:
    return UUID if name == route.stream_parameter else route.command.model_fields[name].annotation


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
