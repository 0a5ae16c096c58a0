"""The regulation: setting its rules, and reading them as they are in force or were in an earlier version."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.execute import REGULATION
from app.problems import Problem
from app.services import Services
from domain.regulation.attributes import Attribute, DeclareAttribute
from domain.regulation.mode import SetMode
from domain.regulation.state import REGULATION_ID, Regulation
from domain.regulation.step_rules import SetStepRules, StepRules
from domain.regulation.working_time import SetTimeZone
from domain.types import Mode, Step

router = APIRouter(tags=["Regulation"])
_add = partial(command_route, router, streams=Streams(REGULATION, "regulation", begin=lambda _: REGULATION_ID))

_SATURATION = "Saturation: once his own book earns him enough, the seller stops looking for new clients."
_DEPENDENCE = "Dependence on one person: when he leaves, he may take the clients with him."
_DEAR_CALLS = "An expensive closer spends his time on cold calls."
COSTS = {
    Mode.SEPARATE: (),
    Mode.LEAD_AND_DEAL: (_DEAR_CALLS,),
    Mode.DEAL_AND_SERVICE: (_SATURATION, _DEPENDENCE),
    Mode.SINGLE: (_SATURATION, _DEPENDENCE, _DEAR_CALLS),
}
"""What each mode is known to cost the firm."""


class RegulationBody(BaseModel):
    """The regulation in force, or in the version asked for."""

    version: Annotated[int, Field(description="0: the defaults, nothing was set yet")]
    mode: Mode
    mode_costs: Annotated[tuple[str, ...], Field(description="What this mode is known to cost the firm")]
    known_costs: Annotated[dict[Mode, tuple[str, ...]], Field(description="The same for every mode")]
    time_zone: str
    steps: dict[Step, StepRules]
    attributes: Annotated[Mapping[str, Attribute], Field(description="The firm's own client attributes, by name")]

    @staticmethod
    def of(regulation: Regulation) -> "RegulationBody":
        """The regulation as an answer, with the defaults filled in."""
        return RegulationBody(
            version=regulation.version,
            mode=regulation.mode,
            mode_costs=COSTS[regulation.mode],
            known_costs=COSTS,
            time_zone=regulation.time_zone,
            steps={step: regulation.rules(step) for step in Step},
            attributes=regulation.attributes,
        )


async def _regulation(services: Services, version: int | None) -> Regulation:
    if version is None:
        await services.directory.refresh()
        return services.directory.regulation
    recorded = await services.store.read_stream(REGULATION_ID)
    if version > len(recorded):
        raise Problem("not_found", facts={"version": version, "latest": len(recorded)})
    regulation = Regulation()
    for item in recorded[:version]:
        regulation = regulation.evolve(item)
    return regulation


Version = Annotated[int | None, Query(ge=0, description="An earlier version, as events name it; now, when absent")]


@router.get("/regulation", responses=problems_documented({}, "not_found"))
async def read_regulation(request: Request, _: Reader, version: Version = None) -> RegulationBody:
    """The regulation: mode with its known costs, rules of the steps, time zone, the firm's own attributes."""
    return RegulationBody.of(await _regulation(services_of(request), version))


@router.get("/regulation/steps/{step}", responses=problems_documented({}, "not_found"))
async def read_step_rules(request: Request, _: Reader, step: Step, version: Version = None) -> StepRules:
    """The rules of one step."""
    return (await _regulation(services_of(request), version)).rules(step)


_add("/regulation/steps/{step}", SetStepRules)
_add("/regulation/mode", SetMode)
_add("/regulation/time-zone", SetTimeZone)
_add("/regulation/attributes", DeclareAttribute)
