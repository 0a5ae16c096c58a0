"""Who may get leads of a plan, and how many each: his capacity, less what he works already."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from app.distribution.orders import SellerOrder, TerritoryOrder
from app.problems import invalid
from app.services import Services
from app.team_work import sellers_of_step
from domain.distribution.lines import Seller
from domain.employee import Employee
from domain.team_work.state import Team
from domain.types import Step
from projections.clients import folded
from projections.leads_query import clients_worked


async def sellers_of_plan(
    services: Services,
    connection: AsyncConnection,
    named: Sequence[SellerOrder] | None,
    team: Team | None,
    step: Step,
) -> list[Seller]:
    """The sellers named, else those of the team who work in the step, else all who work in the step and are no heads.

    Raises:
        Problem: `invalid_request` where somebody is named twice, or is not in the team.
    """
    wanted = _named(named, team) if named is not None else dict.fromkeys(_all(services, team, step))
    working = await clients_worked(connection, wanted)
    return [_seller(services, key, capacity, working.get(key, 0)) for key, capacity in wanted.items()]


def _named(named: Sequence[SellerOrder], team: Team | None) -> dict[UUID, int | None]:
    found = {seller.employee_id: seller.capacity for seller in named}
    if len(found) < len(named):
        raise invalid("sellers", "Name each employee once.", "named_twice")
    for number, seller in enumerate(named):
        if team and seller.employee_id not in team.seller_ids:
            raise invalid(f"sellers.{number}.employee_id", "Name sellers of the team.", "not_in_team")
    return found


def _all(services: Services, team: Team | None, step: Step) -> list[UUID]:
    if team is None:
        return [each.id for each in sellers_of_step(services, step)]
    found = [services.directory.employee(key) for key in team.seller_ids]
    return [each.id for each in found if each and not each.has_left and step in each.steps]


def _seller(services: Services, employee_id: UUID, capacity: int | None, working: int) -> Seller:
    employee = services.directory.employee(employee_id) or Employee(employee_id)
    return Seller(
        employee_id=employee_id,
        personality_type=employee.personality_type,
        capacity=employee.capacity if capacity is None else capacity,
        working=working,
    )


def under_review(sellers: Sequence[Seller], owners: Mapping[UUID, int]) -> list[Seller]:
    """The sellers, whose own leads under review make room: `owners` says how many each has.

    Not for whoever works more than he can already: he gets nothing, whatever leaves him.
    """
    return [
        each if _is_overloaded(each) else each.model_copy(update={"under_review": owners.get(each.employee_id, 0)})
        for each in sellers
    ]


def _is_overloaded(seller: Seller) -> bool:
    return seller.capacity is not None and seller.working > seller.capacity


def check_territories(territories: Sequence[TerritoryOrder], sellers: Sequence[Seller]) -> None:
    """See that territories go to sellers of the plan, each to one.

    Raises:
        Problem: `invalid_request`, naming the first that does not.
    """
    known, named = {seller.employee_id for seller in sellers}, set[str | None]()
    for number, territory in enumerate(territories):
        if territory.employee_id not in known:
            raise invalid(f"territories.{number}.employee_id", "Name one of the sellers of the plan.", "not_a_seller")
        if (name := folded(territory.name)) in named:
            raise invalid(f"territories.{number}.name", "Name each territory once.", "named_twice")
        named.add(name)
