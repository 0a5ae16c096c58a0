"""Which variant of team work suits the base, by the thresholds in the regulation, and why."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.language import Language
from app.api.reading import Reading, reader
from app.team_work import sellers_of_step
from domain.regulation.team_rules import TeamRules
from domain.team_work.recommendation import Base, Why, recommend
from domain.types import Category, Step, Variant
from projections.board import BoardView
from projections.team_leads_query import base

router = APIRouter(tags=["Reports"])


class VariantRecommendation(BaseModel):
    """The variant that suits the base of a step."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "lead_generation",
                    "variant": "democratic",
                    "why": "large_base",
                    "sentence": "A seller has 120.5 leads, more than 50 and less than 500: the base is large, and "
                    "sellers exchange what does not suit them.",
                    "leads": 241,
                    "vip": 12,
                    "vip_share": "0.0498",
                    "sellers": 2,
                    "leads_per_seller": "120.5",
                    "thresholds": {},
                    "at_work": ["trusting"],
                }
            ]
        }
    )

    step: Step
    variant: Annotated[Variant | None, Field(description="Null: nothing can be said")]
    why: Why
    sentence: Annotated[str, Field(description="Why, in English or Russian, by Accept-Language")]
    leads: Annotated[int, Field(description="Clients in work in the step")]
    vip: int
    vip_share: Decimal | None
    sellers: Annotated[int, Field(description="Who works in the step and is no head")]
    leads_per_seller: Decimal | None
    thresholds: Annotated[TeamRules, Field(description="The rules of team work in force, for the whole regulation")]
    at_work: Annotated[list[Variant], Field(description="The variants of the teams that work in the step now")]


@router.get("/reports/team-variant")
async def recommend_team_variant(
    reading: Annotated[Reading, reader(BoardView.name, in_time=True)],
    language: Language,
    step: Annotated[
        Literal[Step.LEAD_GENERATION, Step.FIRST_DEAL], Query(description="The step whose leads are the base")
    ] = Step.LEAD_GENERATION,
) -> VariantRecommendation:
    """The variant of team work that suits the base: by the share of VIP clients, then by the leads that a seller has.

    Sellers and thresholds are those of now, whatever moment is asked for.
    """
    services = reading.services
    await services.directory.refresh()
    rules = services.directory.regulation.team_rules
    found = await base(reading.connection, step, Category.VIP)
    figures = Base(found.leads, found.vip, len(sellers_of_step(services, step)))
    recommendation = recommend(figures, rules)
    teams = services.directory.team_work.teams.values()
    return VariantRecommendation(
        step=step,
        variant=recommendation.variant,
        why=recommendation.why,
        sentence=recommendation.sentence(figures, rules, language),
        leads=figures.leads,
        vip=figures.vip,
        vip_share=figures.vip_share,
        sellers=figures.sellers,
        leads_per_seller=figures.per_seller,
        thresholds=rules,
        at_work=sorted({team.variant for team in teams if team.at_work and team.step is step}),
    )
