"""The worklists of a team: own lists, the calling list, and the leads to be reviewed."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.exchanges_view import LeadReading
from app.api.people import EmployeeRef, employee_ref, employee_types, optional_ref
from app.api.reading import Reading
from app.api.reports import ListPage, cursors_checked
from app.api.team_work import ONE_TEAM, UNKNOWN_TEAM, known_team
from app.problems import invalid
from domain.team_work.state import Team
from domain.types import Category, Variant
from projections.conversion_filters import EmployeeTypes
from projections.team_leads_query import Wanted, calling_list, own_lists

router = APIRouter(tags=["Team work"])
Seller = Annotated[UUID | None, Query(description="Only leads of this seller of the team")]


class Suited(BaseModel):
    """A seller of the team, and how the lead suits him."""

    employee: EmployeeRef
    score: Decimal


class TeamLead(BaseModel):
    """A lead of the team."""

    id: UUID
    name: str | None
    owner: Annotated[EmployeeRef | None, Field(description="Null: nobody works it yet")]
    owned_since: datetime | None
    days: Annotated[int | None, Field(description="Whole days that the owner has had it")]
    registered_at: datetime
    last_contact_at: datetime | None
    days_since_contact: Annotated[int | None, Field(description="Whole days; null: there was no contact yet")]
    category: Category | None
    client_type: str | None
    won_at: Annotated[datetime | None, Field(description="When the first deal was won; null: no contract")]
    missing: Annotated[
        tuple[str, ...], Field(description="What the card lacks: key_person, decision_role, personality_type")
    ]
    score: Annotated[Decimal | None, Field(description="How the lead suits its owner, by types")]
    best: Annotated[
        Suited | None,
        Field(description="Whom of the team it suits best, of those who have not failed with it and do not work it"),
    ]
    failed: Annotated[list[EmployeeRef], Field(description="Who had it before and has failed")]


class TeamLeadPage(BaseModel):
    """Leads of a team."""

    items: list[TeamLead]
    next_cursor: str | None


@router.get(ONE_TEAM + "/leads", responses=UNKNOWN_TEAM)
async def list_team_leads(
    reading: LeadReading,
    page: ListPage,
    team_id: UUID,
    seller_id: Seller = None,
    has_contract: Annotated[bool | None, Query(description="false: without a contract; both, when absent")] = None,
) -> TeamLeadPage:
    """The sellers' own lists: their leads, each with its age and its last contact, the oldest first."""
    team = await known_team(reading.services, team_id)
    wanted = Wanted(team.step, sellers_of(team, seller_id), has_contract=has_contract)
    with cursors_checked():
        found = await own_lists(reading.connection, wanted, page)
    return TeamLeadPage(items=_bodies(reading, team, found.items), next_cursor=found.next_cursor)


@router.get(ONE_TEAM + "/calling-list", responses=UNKNOWN_TEAM)
async def list_calling_list(
    reading: LeadReading, page: ListPage, team_id: UUID, seller_id: Seller = None
) -> TeamLeadPage:
    """The leads whose key persons, parts in the decision or types are not known, with what is missing.

    For head and deputy of an authoritarian team it is the one list of all leads in the step that nobody works or that
    the team works; in the other variants, and for one seller, of those that are worked.
    """
    team = await known_team(reading.services, team_id)
    of_all = team.variant is Variant.AUTHORITARIAN and seller_id is None
    wanted = Wanted(team.step, sellers_of(team, seller_id), unowned=of_all, incomplete=True)
    with cursors_checked():
        found = await calling_list(reading.connection, wanted, page)
    return TeamLeadPage(items=_bodies(reading, team, found.items), next_cursor=found.next_cursor)


@router.get(ONE_TEAM + "/review", responses=UNKNOWN_TEAM)
async def list_leads_under_review(
    reading: LeadReading, page: ListPage, team_id: UUID, seller_id: Seller = None
) -> TeamLeadPage:
    """The leads without a contract that are not on offer to another step, the oldest first: what a review goes through.

    Where `best` is null nobody of the team is left to give the lead to.
    """
    team = await known_team(reading.services, team_id)
    wanted = Wanted(team.step, sellers_of(team, seller_id), reviewed=True)
    with cursors_checked():
        found = await own_lists(reading.connection, wanted, page)
    return TeamLeadPage(items=_bodies(reading, team, found.items), next_cursor=found.next_cursor)


def sellers_of(team: Team, seller_id: UUID | None) -> Sequence[UUID]:
    """The sellers of the team, or the one that is asked for.

    Raises:
        Problem: `invalid_request` where he is not in the team.
    """
    if seller_id is None:
        return team.seller_ids
    if seller_id not in team.seller_ids:
        raise invalid("seller_id", "Send the id of a seller of this team.", "not_in_team")
    return (seller_id,)


def _bodies(reading: Reading, team: Team, items: list[dict[str, Any]]) -> list[TeamLead]:
    types = employee_types(reading.services)
    return [_body(reading, team, item, types) for item in items]


def _body(reading: Reading, team: Team, item: dict[str, Any], types: EmployeeTypes) -> TeamLead:
    services, owner, failed = reading.services, item.pop("owner_id"), item.pop("failed")
    matrix, kind = services.directory.regulation.compatibility, item["client_type"]
    return TeamLead(
        **item,
        owner=optional_ref(services, owner),
        days=_days(reading, item["owned_since"]),
        days_since_contact=_days(reading, item["last_contact_at"]),
        score=matrix.score(types.get(owner), kind) if owner else None,
        best=_best(reading, team, {*failed, owner}, kind),
        failed=[employee_ref(services, each) for each in failed],
    )


def _days(reading: Reading, moment: datetime | None) -> int | None:
    return None if moment is None else max(0, (reading.now - moment).days)


def _best(reading: Reading, team: Team, barred: set[UUID | None], client_type: str | None) -> Suited | None:
    services = reading.services
    matrix, employees = services.directory.regulation.compatibility, map(services.directory.employee, team.seller_ids)
    left = [each for each in employees if each and each.id not in barred and not each.has_left]
    scores = {each.id: matrix.score(each.personality_type, client_type) for each in left}
    best = min(left, key=lambda each: (-scores[each.id], each.code), default=None)
    return best and Suited(employee=employee_ref(services, best.id), score=scores[best.id])
