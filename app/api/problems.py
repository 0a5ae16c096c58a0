"""What the `type` of a problem points to."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.documented import problems_documented
from app.problems import PROBLEMS, Problem

router = APIRouter(tags=["Reference"])


class ProblemType(BaseModel):
    """A kind of problem."""

    code: str
    status: Annotated[int, Field(description="Its usual status; 404 where the path names what is unknown")]
    title: dict[str, str]
    detail: Annotated[str, Field(description="What to do about it")]


def _described(code: str) -> ProblemType:
    kind = PROBLEMS[code]
    return ProblemType(
        code=code, status=kind.status, title={"en": kind.english, "ru": kind.russian}, detail=kind.remedy
    )


@router.get("/problems")
async def list_problems() -> dict[str, list[ProblemType]]:
    """Every problem that the service can answer with."""
    return {"items": [_described(code) for code in PROBLEMS]}


@router.get("/problems/{code}", responses=problems_documented({}, "not_found"))
async def read_problem(code: str) -> ProblemType:
    """One kind of problem: the `type` of a problem is the address of this."""
    if code not in PROBLEMS:
        raise Problem("not_found", facts={"code": code})
    return _described(code)
