"""What a plan consists of: the employees who may get leads, and a line per lead."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Reason(StrEnum):
    """Why a line is as it is.

    best_score: nobody who may get the lead has a better score. better_ones_full: somebody has, but his capacity is
    better used for others. edited: a person decided. no_capacity: everybody who may get it is full.
    nobody_left: all have failed with it.
    """

    BEST_SCORE = "best_score"
    BETTER_ONES_FULL = "better_ones_full"
    EDITED = "edited"
    NO_CAPACITY = "no_capacity"
    NOBODY_LEFT = "nobody_left"


class Seller(BaseModel):
    """An employee who may get leads: how many clients he can work at a time (None: any number), and works now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    employee_id: UUID
    personality_type: str | None = None
    capacity: Annotated[int | None, Field(ge=0)] = None
    working: Annotated[int, Field(ge=0)] = 0

    @property
    def free(self) -> int | None:
        """How many more clients he can take; None: any number."""
        return None if self.capacity is None else max(0, self.capacity - self.working)


class Line(BaseModel):
    """A lead of a plan and who is to get it, if anybody. `owner_id` works it now; `barred` must not get it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: UUID
    client_type: str | None = None
    owner_id: UUID | None = None
    barred: tuple[UUID, ...] = ()
    employee_id: UUID | None = None
    score: Decimal | None = None
    reason: Reason


class Skipped(BaseModel):
    """A lead that could not be given as planned, with the code of the refusal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: UUID
    code: str
