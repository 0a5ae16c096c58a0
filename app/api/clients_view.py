"""The single client database: filter, search, sort, page by page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from app.api.attribute_filters import ATTRIBUTE_PARAMETERS, attribute_filters
from app.api.bounds import END, INCLUSIVE, Begin, End, period_between
from app.api.caller import Reader
from app.api.parameters import NOTHING_FOR_NONE
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import cursors_checked
from app.services import Services
from domain.types import Category, ClientKind, Step
from projections.clients import ClientEntry, ClientsView
from projections.clients_query import SHOWN_BY_DEFAULT, AttributeFilter, ClientFilter, client_page
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT, Page
from projections.place import Status

router = APIRouter(tags=["Clients: views"])

ME = "me"
TYPE_OF_CLIENT = "On the card, else of the first key person who decides and whose type is known"
_FIELDS = ("kind", "step", "owner_id", "industry", "region", "category", "origin", "personality_type")


class ClientItem(BaseModel):
    """A client in the list. `last_contact_at` is business time.

    `next_due_at` is of the earliest open task, whoever has to do it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11",
                    "name": "Romashka LLC",
                    "kind": "company",
                    "status": "active",
                    "step": "first_deal",
                    "step_since": "2030-03-04T09:30:00Z",
                    "owner": {"id": "5c9a4a55-6a10-5f0a-9d8b-0d5f7f1e2b3c", "code": "ivanova", "name": "Irina Ivanova"},
                    "industry": "metallurgy",
                    "region": "Ural",
                    "category": "A",
                    "origin": "cold_base",
                    "registered_at": "2030-02-01T08:00:00Z",
                    "last_contact_at": "2030-03-10T12:00:00Z",
                    "next_due_at": "2030-03-12T09:00:00Z",
                    "open_tasks": 1,
                    "personality_type": "driver",
                    "tax_id": "7701234567",
                    "phones": ["+7 495 123-45-67"],
                    "emails": ["info@romashka.example"],
                    "attributes": {"fleet_size": "40"},
                    "external_id": None,
                }
            ]
        }
    )

    id: UUID
    name: str | None
    kind: str | None
    status: Status
    step: Step
    step_since: datetime
    owner: Annotated[EmployeeRef | None, Field(description="Who works the client in its present step")]
    industry: str | None
    region: str | None
    category: str | None
    origin: str | None
    registered_at: datetime
    last_contact_at: datetime | None
    next_due_at: datetime | None
    open_tasks: int
    personality_type: Annotated[str | None, Field(description=TYPE_OF_CLIENT)]
    tax_id: str | None
    phones: list[str]
    emails: list[str]
    attributes: dict[str, str]
    external_id: str | None


class ClientList(BaseModel):
    """A page of clients. `next_cursor` is null on the last page; `total` is there with `with_total=true`."""

    items: list[ClientItem]
    next_cursor: str | None
    total: Annotated[int | None, Field(examples=[1840])] = None


def _owner(sent: Any) -> UUID | str:
    try:
        return ME if sent == ME else UUID(sent)
    except ValueError:
        raise PydanticCustomError("uuid_or_me", 'Send the id of an employee, or "me".') from None


Owner = Annotated[UUID | Literal["me"], PlainValidator(_owner, json_schema_input_type=UUID | Literal["me"])]
"""An employee; "me" is the caller."""


class ClientQuery(BaseModel):
    """Which clients to list. Several values of one parameter are alternatives; different parameters must all hold."""

    q: Annotated[
        str | None,
        Field(max_length=200, description="Beginnings of words of name, phone, e-mail, tax id or external id"),
    ] = None
    step: list[Step] = []
    owner_id: Annotated[list[Owner], Field(description="`me` is the caller")] = []
    unassigned: Annotated[bool, Field(description="Clients that nobody works; beside those of `owner_id`")] = False
    status: Annotated[list[Status], Field(description="All but archived and merged, when absent")] = []
    kind: list[ClientKind] = []
    industry: Annotated[list[str], Field(description=f"Case does not count; {NOTHING_FOR_NONE}")] = []
    region: Annotated[list[str], Field(description=f"Case does not count; {NOTHING_FOR_NONE}")] = []
    category: Annotated[list[Category | Literal[""]], Field(description=NOTHING_FOR_NONE)] = []
    origin: Annotated[list[str], Field(description=NOTHING_FOR_NONE)] = []
    personality_type: Annotated[list[str], Field(description=f"{TYPE_OF_CLIENT}; {NOTHING_FOR_NONE}")] = []
    registered_from: Annotated[Begin | None, Field(description=INCLUSIVE)] = None
    registered_to: Annotated[End | None, Field(description=END)] = None
    last_contact_from: Annotated[Begin | None, Field(description=INCLUSIVE)] = None
    last_contact_to: Annotated[End | None, Field(description=END)] = None
    never_contacted: bool = False
    sort: Annotated[
        Literal[
            "registered_at",
            "-registered_at",
            "name",
            "-name",
            "last_contact_at",
            "-last_contact_at",
            "next_due_at",
            "-next_due_at",
        ],
        Field(description='"-" is descending. Clients without the value come last in both directions.'),
    ] = "-registered_at"
    cursor: Annotated[str | None, Field(description="`next_cursor` of the page before, with the same sort")] = None
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    with_total: Annotated[bool, Field(description="Count all clients that match")] = False

    def wanted(self, caller: UUID, attributes: Sequence[AttributeFilter]) -> ClientFilter:
        """The filter, with the firm's own attributes beside it."""
        values: dict[str, list[Any]] = {name: [value or None for value in getattr(self, name)] for name in _FIELDS}
        owners = [caller if owner == ME else owner for owner in self.owner_id]
        values["owner_id"] = [*owners, None] if self.unassigned else owners
        return ClientFilter(
            values=values,
            statuses=self.status or SHOWN_BY_DEFAULT,
            registered=period_between(self.registered_from, self.registered_to, "registered_to"),
            last_contact=period_between(self.last_contact_from, self.last_contact_to, "last_contact_to"),
            never_contacted=self.never_contacted,
            attributes=attributes,
            q=self.q,
        )


@router.get("/clients", openapi_extra={"parameters": ATTRIBUTE_PARAMETERS})
async def list_clients(
    request: Request,
    actor: Reader,
    query: Annotated[ClientQuery, Query()],
    reading: Annotated[Reading, reader(ClientsView.name)],
) -> ClientList:
    """Clients by what is known of them: filtered, searched, sorted, page by page."""
    wanted = query.wanted(actor.employee_id, await attribute_filters(request, reading.services))
    page = Page(query.cursor, query.limit)
    with cursors_checked():
        found = await client_page(reading.connection, wanted, query.sort, page, with_total=query.with_total)
    items = [_item(entry, reading.services) for entry in found.entries]
    return ClientList(items=items, next_cursor=found.next_cursor, total=found.total)


def _item(entry: ClientEntry, services: Services) -> ClientItem:
    profile, place = entry.profile, entry.place
    values: dict[str, Any] = {
        "id": entry.id,
        "status": place.status,
        "step": place.step,
        "step_since": place.since,
        "owner": optional_ref(services, place.owner),
        "registered_at": entry.registered_at,
        "last_contact_at": entry.last_contact_at,
        "next_due_at": entry.next_due_at,
        "open_tasks": len(entry.tasks),
        "personality_type": entry.personality_type,
    }
    return ClientItem(**values, **{name: getattr(profile, name) for name in _PROFILE})


_PROFILE = (
    "name",
    "kind",
    "industry",
    "region",
    "category",
    "origin",
    "tax_id",
    "phones",
    "emails",
    "attributes",
    "external_id",
)
