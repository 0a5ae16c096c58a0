"""The schemas of all events, and who is asking."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.employees import EmployeeBody
from domain.kernel import EVENTS, Event

router = APIRouter(tags=["Reference"])


class EventSchema(BaseModel):
    """What a topic's events carry."""

    topic: str
    schema_version: int
    description: str
    personal_fields: Annotated[list[str], Field(description="Stored encrypted; null once the client is erased")]
    json_schema: Annotated[dict[str, Any], Field(description="JSON Schema of `data`")]


class EventSchemas(BaseModel):
    """Every topic."""

    items: list[EventSchema]


def _schema(event: type[Event]) -> EventSchema:
    return EventSchema(
        topic=event.topic,
        schema_version=event.schema_version,
        description=event.__doc__ or "",
        personal_fields=sorted(event.personal_fields),
        json_schema=event.model_json_schema(mode="serialization"),
    )


@router.get("/events/schemas")
async def read_event_schemas(_: Reader) -> EventSchemas:
    """The JSON Schema of every event, by topic."""
    return EventSchemas(items=[_schema(EVENTS[topic]) for topic in sorted(EVENTS)])


class Me(BaseModel):
    """The caller: his employee, and the roles he acts in (his own ones and the token's)."""

    employee_id: UUID
    roles: list[str]
    is_head: Annotated[bool, Field(description="Whether he may act for other employees")]
    employee: EmployeeBody


@router.get("/me")
async def read_me(request: Request, actor: Reader) -> Me:
    """Whose token this is."""
    services = services_of(request)
    employee = EmployeeBody.model_validate(services.directory.employee(actor.employee_id))
    return Me(employee_id=actor.employee_id, roles=sorted(actor.roles), is_head=actor.is_head, employee=employee)
