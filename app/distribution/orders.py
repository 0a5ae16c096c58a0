"""What a distribution is asked for: which leads, over whom, in which way, and with which first task."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.distribution.commands import MOST_LEADS
from domain.distribution.lines import Method
from domain.employee import Capacity
from domain.types import Category, FailureReason, Moment, OptionalText, Origin, PersonalityType, Step, Variant, Word

_SELLER = "7d9f2a0e-5c1b-5f0e-9a53-0c7f5d1f6b11"


class Territory(StrEnum):
    """By what leads are dealt out."""

    INDUSTRY = "industry"
    REGION = "region"


class SellerOrder(BaseModel):
    """An employee who is to get leads. `capacity` replaces the one he is registered with, for this plan."""

    model_config = ConfigDict(extra="forbid")

    employee_id: UUID
    capacity: Capacity | None = None


class TerritoryOrder(BaseModel):
    """An industry or region that is to be somebody's."""

    model_config = ConfigDict(extra="forbid")

    name: Word
    employee_id: UUID


class TaskOrder(BaseModel):
    """The first task of whoever gets a lead; text and time as the regulation says, where they are absent."""

    model_config = ConfigDict(extra="forbid")

    text: OptionalText = None
    due_at: Moment | None = None


Sellers = Annotated[list[SellerOrder], Field(min_length=1, max_length=1000)]
ClientIds = Annotated[list[UUID], Field(min_length=1, max_length=MOST_LEADS)]


class DistributionOrder(BaseModel):
    """Which leads to distribute and over whom.

    Without `client_ids`: all clients of the step that nobody works and that fit the filters. With `failure_reason`
    also those that somebody works: they go to others, and he has failed for this reason. With `team_id` over the
    sellers of the team, in its step and variant; others keep the leads that they work.

    The method `compatibility` gives everybody whom he suits best by types; `territory` gives whole industries or
    regions to sellers, those in `territories` to whom they name. Whoever gets a lead that somebody worked, or a lead of
    his team, gets a first task with it.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {},
                {
                    "variant": "authoritarian",
                    "industry": "metallurgy",
                    "sellers": [{"employee_id": _SELLER, "capacity": 40}],
                },
                {
                    "team_id": "e0a4c5a2-3f0b-4c55-8a12-6b0d9d1f7a55",
                    "method": "territory",
                    "by": "region",
                    "territories": [{"name": "Ural", "employee_id": _SELLER}],
                    "task": {"text": "Call and find out the type"},
                },
            ]
        },
    )

    step: Annotated[Step | None, Field(description="That of the team, else lead_generation, when absent")] = None
    variant: Annotated[Variant | None, Field(description="That of the seller's team, when absent")] = None
    team_id: UUID | None = None
    method: Method = Method.COMPATIBILITY
    by: Annotated[Territory, Field(description="For the method territory")] = Territory.INDUSTRY
    territories: Annotated[list[TerritoryOrder], Field(max_length=1000)] = []
    client_ids: ClientIds | None = None
    industry: Word | None = None
    region: Word | None = None
    category: Category | None = None
    origin: Origin | None = None
    personality_type: PersonalityType | None = None
    failure_reason: FailureReason | None = None
    sellers: Annotated[Sellers | None, Field(description="All who work in the step or the team, when absent")] = None
    task: TaskOrder | None = None

    @property
    def filters(self) -> dict[str, str]:
        """The values that clients must have, by column."""
        names = ("industry", "region", "category", "origin", "personality_type")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def tasks(self) -> dict[str, Any]:
        """What the plan says of first tasks."""
        wanted = self.task is not None or self.team_id is not None or self.failure_reason is not None
        return tasks_of(self.task, wanted=wanted)

    @model_validator(mode="after")
    def _territories_of_the_method(self) -> "DistributionOrder":
        if self.method is not Method.TERRITORY and {"by", "territories"} & self.model_fields_set:
            raise ValueError("by and territories are for the method territory")
        return self


class ReasonOrder(BaseModel):
    """Why whoever works a lead has failed with it."""

    model_config = ConfigDict(extra="forbid")

    client_id: UUID
    failure_reason: FailureReason


class ReviewOrder(BaseModel):
    """The reasons of failure of the leads under review, and to whom they may go.

    `failure_reason` holds for all leads that `reasons` does not name. Without `client_ids` all leads of the team
    without a contract are gone through.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"failure_reason": "no_contact"},
                {
                    "failure_reason": "types_incompatible",
                    "reasons": [{"client_id": "c4bbc059-f74b-4971-8825-d4ca407cd006", "failure_reason": "price"}],
                    "task": {"text": "Introduce yourself as the new contact", "due_at": "2030-03-15T12:00:00+03:00"},
                },
            ]
        },
    )

    failure_reason: FailureReason | None = None
    reasons: Annotated[list[ReasonOrder], Field(max_length=MOST_LEADS)] = []
    client_ids: ClientIds | None = None
    sellers: Annotated[Sellers | None, Field(description="All sellers of the team, when absent")] = None
    task: TaskOrder | None = None


def tasks_of(task: TaskOrder | None, *, wanted: bool) -> dict[str, Any]:
    """What a plan says of first tasks."""
    due_at: datetime | None = task.due_at if task else None
    return {"sets_tasks": wanted, "task_text": task.text if task else None, "task_due_at": due_at}
