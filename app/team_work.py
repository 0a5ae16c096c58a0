"""Starting team work: who is in the team, where the request names nobody."""

from uuid import UUID

from app.execute import TEAM_WORK, Call, Outcome
from app.services import Services
from domain.employee import Employee
from domain.kernel import HEAD_ROLES
from domain.team_work.commands import StartTeamWork
from domain.team_work.state import TEAM_WORK_ID
from domain.types import Step


def sellers_of_step(services: Services, step: Step, department: str | None = None) -> list[Employee]:
    """Who works in a step here and is no head, by code; of the department if one is named."""
    return [
        each
        for each in services.directory.employees()
        if step in each.steps
        and not each.has_left
        and each.roles.isdisjoint(HEAD_ROLES)
        and department in {None, each.department}
    ]


async def start_team_work(services: Services, _: UUID | None, command: StartTeamWork, call: Call) -> Outcome:
    """Start team work, of all sellers of the step or department where none are named."""
    if command.seller_ids is None:
        await services.directory.refresh()
        found = sellers_of_step(services, command.step, command.department)
        command = command.model_copy(update={"seller_ids": tuple(each.id for each in found)})
    return await services.executor.execute(TEAM_WORK, TEAM_WORK_ID, command, call)
