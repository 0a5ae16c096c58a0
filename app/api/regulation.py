"""The regulation: setting its rules, and reading them as they are in force or were in an earlier version."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.api.calendar import CalendarDayBody, HolidaysKept
from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.history import HistoryPage, HistoryQuery, history_of
from app.api.reading import NeverBehind
from app.api.reports import ListPage, page_by
from app.execute import REGULATION
from app.problems import Problem
from app.services import Services
from domain.calendar import Weekday, WorkingHours
from domain.regulation.attributes import Attribute, DeclareAttribute
from domain.regulation.categories import (
    CategoryRules,
    CommunicationStandard,
    SetCategoryRules,
    SetCommunicationStandard,
)
from domain.regulation.compatibility import Compatibility, SetCompatibility, SetTypes
from domain.regulation.discounts import DiscountRules, SetDiscountRules
from domain.regulation.exchange_rates import SetExchangeRate
from domain.regulation.expansion import SetExpansionPlan
from domain.regulation.margin import SetMinimumMargin
from domain.regulation.mode import SetMode
from domain.regulation.norms import DailyNorms, Norms, SetNorms
from domain.regulation.response_rules import ANY, DEFAULT_HOURS, SetResponseTime
from domain.regulation.state import REGULATION_ID, Regulation
from domain.regulation.step_rules import SetStepRules, StepRules
from domain.regulation.team_rules import SetTeamRules, TeamRules
from domain.regulation.working_time import (
    ClearCalendarDay,
    SetCalendarDay,
    SetPublicHolidays,
    SetTimeZone,
    SetWorkingHours,
)
from domain.types import Category, Channel, Day, Mode, Role, Step
from projections.money import Number

router = APIRouter(tags=["Regulation"])
_add = partial(
    command_route, router, streams=Streams(REGULATION, "regulation", begin=lambda _: REGULATION_ID, action="administer")
)

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


class ResponseTimeBody(BaseModel):
    """How many working hours an inquiry of a category, on a channel, may wait for its answer; null: any."""

    category: Category | None = None
    channel: Channel | None = None
    working_hours: Decimal

    @staticmethod
    def all(regulation: Regulation) -> "list[ResponseTimeBody]":
        """The rules that were set, the one for any inquiry first."""
        hours = {ANY: DEFAULT_HOURS, **regulation.response_rules.hours}
        return [ResponseTimeBody(**kind._asdict(), working_hours=allowed) for kind, allowed in hours.items()]


class NormsEntry(BaseModel):
    """What is expected on a working day from a day on: of a role, or of one employee."""

    role: Role | None
    employee_id: UUID | None
    effective_from: date
    norms: DailyNorms


def _norms(norms: Norms) -> list[NormsEntry]:
    return [
        NormsEntry(
            role=Role(role) if role else None, employee_id=employee_id, effective_from=begin, norms=by_day[begin]
        )
        for (role, employee_id), by_day in norms.items()
        for begin in sorted(by_day)
    ]


class RegulationBody(BaseModel):
    """The regulation in force, or in the version asked for."""

    version: Annotated[int, Field(description="0: the defaults, nothing was set yet")]
    mode: Mode
    mode_costs: Annotated[tuple[str, ...], Field(description="What this mode is known to cost the firm")]
    known_costs: Annotated[dict[Mode, tuple[str, ...]], Field(description="The same for every mode")]
    time_zone: str
    working_week: Annotated[dict[Weekday, WorkingHours], Field(description="A day that is not there is off")]
    public_holidays: Annotated[HolidaysKept | None, Field(description="Null: none are kept")]
    calendar_days: Annotated[dict[date, CalendarDayBody], Field(description="The firm's own exceptions")]
    response_times: Annotated[
        list[ResponseTimeBody],
        Field(description="The most specific one holds; where none is for the category, its standard"),
    ]
    steps: dict[Step, StepRules]
    attributes: Annotated[Mapping[str, Attribute], Field(description="The firm's own client attributes, by name")]
    norms: list[NormsEntry]
    category_rules: Annotated[CategoryRules | None, Field(description="Null: none were set, nothing is assigned")]
    standards: Annotated[
        Mapping[Category, CommunicationStandard], Field(description="How to keep in touch, by category")
    ]
    compatibility: Compatibility
    team_rules: TeamRules
    minimum_margin_percent: Annotated[Number | None, Field(description="Of a deal's revenue; null: any")]
    discount_rules: Annotated[DiscountRules | None, Field(description="Null: discounts are not limited by them")]

    @staticmethod
    def of(regulation: Regulation) -> "RegulationBody":
        """The regulation as an answer, with the defaults filled in."""
        return RegulationBody(
            version=regulation.version,
            mode=regulation.mode,
            mode_costs=COSTS[regulation.mode],
            known_costs=COSTS,
            time_zone=regulation.time_zone,
            working_week=dict(regulation.working_week),
            public_holidays=HolidaysKept.of(regulation),
            calendar_days={
                day: CalendarDayBody(hours=kept.hours, name=kept.name)
                for day, kept in sorted(regulation.calendar_days.items())
            },
            response_times=ResponseTimeBody.all(regulation),
            steps={step: regulation.rules(step) for step in Step},
            attributes=regulation.attributes,
            norms=_norms(regulation.norms),
            category_rules=regulation.category_rules,
            standards=regulation.standards,
            compatibility=regulation.compatibility,
            team_rules=regulation.team_rules,
            minimum_margin_percent=regulation.minimum_margin_percent,
            discount_rules=regulation.discount_rules,
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


Version = Annotated[
    int | None, Query(ge=0, lt=2**63, description="An earlier version, as events name it; now, when absent")
]


@router.get("/regulation", responses=problems_documented({}, "not_found"))
async def read_regulation(services: NeverBehind, version: Version = None) -> RegulationBody:
    """The regulation: mode with its known costs, rules of the steps, time zone, the firm's own attributes."""
    return RegulationBody.of(await _regulation(services, version))


@router.get("/regulation/history")
async def read_regulation_history(
    request: Request, actor: Reader, query: Annotated[HistoryQuery, Query()]
) -> HistoryPage:
    """All changes of the regulation, the newest first; the version of an entry is that of `GET /regulation`."""
    return await history_of(services_of(request), actor, REGULATION_ID, query)


@router.get("/regulation/steps/{step}", responses=problems_documented({}, "not_found"))
async def read_step_rules(services: NeverBehind, step: Step, version: Version = None) -> StepRules:
    """The rules of one step."""
    return (await _regulation(services, version)).rules(step)


class ExchangeRateBody(BaseModel):
    """What one unit of a currency is worth in another on a day, and for which day that was recorded."""

    currency: str
    to: str
    rate: Decimal
    recorded_for: date


class ExchangeRateList(BaseModel):
    """The rates of a day, by pair of currencies."""

    day: date
    items: list[ExchangeRateBody]
    next_cursor: str | None


@router.get("/regulation/exchange-rates")
async def list_exchange_rates(
    services: NeverBehind, page: ListPage, day: Annotated[Day | None, Query(description="Today, when absent")] = None
) -> ExchangeRateList:
    """The exchange rates by which reports convert on a day, as they were recorded for it or last before."""
    regulation = await _regulation(services, None)
    on = day or datetime.now(UTC).astimezone(ZoneInfo(regulation.time_zone)).date()
    known = [(pair, regulation.exchange_rates.on(*pair, on)) for pair in sorted(regulation.exchange_rates.by_pair)]
    items = [ExchangeRateBody(**pair._asdict(), rate=rate.rate, recorded_for=rate.day) for pair, rate in known if rate]
    shown, next_cursor = page_by(items, page, "currency", "to")
    return ExchangeRateList(day=on, items=shown, next_cursor=next_cursor)


_add("/regulation/steps/{step}", SetStepRules)
_add("/regulation/mode", SetMode)
_add("/regulation/time-zone", SetTimeZone)
_add("/regulation/working-hours", SetWorkingHours)
_add("/regulation/response-times", SetResponseTime)
_add("/regulation/public-holidays", SetPublicHolidays)
_add("/regulation/calendar/{day}", SetCalendarDay)
_add("/regulation/calendar/{day}/clear", ClearCalendarDay)
_add("/regulation/attributes", DeclareAttribute)
_add("/regulation/norms", SetNorms)
_add("/regulation/expansion-plans", SetExpansionPlan)
_add("/regulation/category-rules", SetCategoryRules)
_add("/regulation/standards/{category}", SetCommunicationStandard)
_add("/regulation/minimum-margin", SetMinimumMargin)
_add("/regulation/discounts", SetDiscountRules)
_add("/regulation/types", SetTypes)
_add("/regulation/compatibility", SetCompatibility)
_add("/regulation/exchange-rates", SetExchangeRate)
_add("/regulation/team-rules", SetTeamRules)
