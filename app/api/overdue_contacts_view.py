"""Who is out of touch: clients whose next contact is overdue by the communication standard of their category."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.people import Department, EmployeeRef, optional_ref, owners_meant
from app.api.reading import Reading, reader
from app.api.reports import ListPage, cursors_checked
from domain.regulation.categories import CommunicationStandard
from domain.types import Category, Channel, Role, Step
from projections.clients import ClientsView
from projections.out_of_touch import OutOfTouch, OverdueClient, overdue_contacts

router = APIRouter(tags=["Worklists"])
_DAY = timedelta(days=1)


class OverdueContact(BaseModel):
    """A client whose next contact is overdue by the standard of its category."""

    id: UUID
    name: str | None
    category: Category
    step: Step
    owner: EmployeeRef | None
    last_contact_at: Annotated[
        datetime | None, Field(description="By a channel of the standard; null: none since the registration")
    ]
    due_at: datetime
    days_overdue: Annotated[int, Field(description="Whole days")]
    contact_every_days: int
    channels: Annotated[tuple[Channel, ...], Field(description="By which the standard wants it; empty: any")]
    role: Annotated[Role | None, Field(description="Who keeps in touch by the standard; null: the owner")]


class OverdueContactPage(BaseModel):
    """Clients, the longest overdue first."""

    items: list[OverdueContact]
    next_cursor: str | None


@router.get("/worklists/overdue-contacts")
async def list_overdue_contacts(
    reading: Annotated[Reading, reader(ClientsView.name)],
    page: ListPage,
    owner_id: Annotated[list[UUID] | None, Query()] = None,
    unassigned: Annotated[bool, Query(description="Clients that nobody works; beside those of `owner_id`")] = False,
    department: Department = None,
    step: Annotated[list[Step] | None, Query()] = None,
    category: Annotated[list[Category] | None, Query()] = None,
) -> OverdueContactPage:
    """Active clients that nobody has contacted for longer than the standard of their category allows.

    Every recorded contact by a channel of the standard counts, whatever came of it; by any channel, where the standard
    names none. Categories without a standard are never overdue.
    """
    await reading.services.directory.refresh()
    standards = reading.services.directory.regulation.standards
    owners = owners_meant(reading.services, owner_id or (), department, unassigned=unassigned)
    wanted = OutOfTouch(owners, step or (), category or ())
    with cursors_checked():
        found = await overdue_contacts(reading.connection, wanted, standards, page, reading.now)
    items = [_overdue(reading, item, standards[Category(item.client.profile.category or "")]) for item in found.items]
    return OverdueContactPage(items=items, next_cursor=found.next_cursor)


def _overdue(reading: Reading, item: OverdueClient, standard: CommunicationStandard) -> OverdueContact:
    client = item.client
    return OverdueContact(
        id=client.id,
        name=client.profile.name,
        category=Category(client.profile.category or ""),
        step=Step(client.place.step),
        owner=optional_ref(reading.services, client.place.owner),
        last_contact_at=item.last_contact_at,
        due_at=item.due_at,
        days_overdue=(reading.now - item.due_at) // _DAY,
        contact_every_days=standard.contact_every_days,
        channels=standard.channels,
        role=standard.role,
    )
