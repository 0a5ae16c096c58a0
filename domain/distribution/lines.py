"""What a plan consists of: the employees who may get leads, and a line per lead."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.types import FailureReason


class Method(StrEnum):
    """How it is worked out who gets what: by the types of leads and employees, or by industry or region."""

    COMPATIBILITY = "compatibility"
    TERRITORY = "territory"


class Reason(StrEnum):
    """Why a line is as it is.

    best_score: nobody who may get the lead has a better score. better_ones_full: somebody has, but his capacity is
    better used for others. territory: the industry or region is his. edited: a person decided. no_capacity: everybody
    who may get it is full. nobody_left: all have failed with it.
    """

    BEST_SCORE = "best_score"
    BETTER_ONES_FULL = "better_ones_full"
    TERRITORY = "territory"
    EDITED = "edited"
    NO_CAPACITY = "no_capacity"
    NOBODY_LEFT = "nobody_left"


class Seller(BaseModel):
    """An employee who may get leads: how many clients he can work at a time (None: any number), and works now.

    `under_review` of those are leads of the plan itself. What goes to others makes room, what stays takes it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    employee_id: UUID
    personality_type: str | None = None
    capacity: Annotated[int | None, Field(ge=0)] = None
    working: Annotated[int, Field(ge=0)] = 0
    under_review: Annotated[int, Field(ge=0)] = 0

    @property
    def free(self) -> int | None:
        """How many more clients he can take, if he keeps none of those under review; None: any number."""
        return None if self.capacity is None else max(0, self.capacity - self.working + self.under_review)


class Line(BaseModel):
    """A lead of a plan and who is to get it, if anybody. `owner_id` works it now; `barred` must not get it.

    `failure_reason`: why the owner has failed, where that differs from lead to lead. `territory`: the industry or
    region, where leads are dealt out by that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: UUID
    client_type: str | None = None
    owner_id: UUID | None = None
    barred: tuple[UUID, ...] = ()
    employee_id: UUID | None = None
    score: Decimal | None = None
    reason: Reason
    failure_reason: FailureReason | None = None
    territory: str | None = None


class Skipped(BaseModel):
    """A lead that could not be given as planned, with the code of the refusal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: UUID
    code: str
