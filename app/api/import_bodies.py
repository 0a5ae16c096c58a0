"""How answers show imports."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Row

from app.api.people import EmployeeRef, employee_ref
from app.services import Services

Kind = Literal["leads", "deals", "orders"]
JobState = Literal["running", "done", "failed"]


class RowErrorBody(BaseModel):
    """What is wrong with a row; one that is wrong in several cells has several. `field` is a column, or `row`."""

    line: Annotated[int, Field(description="Where the row begins; the header is line 1")]
    field: str
    reason: Annotated[str, Field(examples=["wrong_date: '31.02.2026' is not a date of the form %d.%m.%Y"])]


class ImportReportBody(BaseModel):
    """The rows of the file by what became of them; of a dry run, by what would."""

    rows: int
    imported: int
    unchanged: Annotated[int, Field(description="Rows that were there already")]
    failed: Annotated[int, Field(description="Rows left out")]
    records: Annotated[int, Field(description="Leads, deals or orders that went in")]
    employees_created: int
    attributes_declared: int
    doubtful: Annotated[int, Field(description="Phones and tax ids that went in although they look wrong")]
    errors: Annotated[
        list[RowErrorBody],
        Field(
            description="What is wrong with the first 20 rows left out, up to 20 cells of each; `/errors` has all of "
            "them; not in lists"
        ),
    ] = []
    doubts: Annotated[list[RowErrorBody], Field(description="The first 20 doubtful numbers; not in lists")] = []
    position: Annotated[int, Field(description="Send it as `after` to see what went in")]


class UndoBody(BaseModel):
    """An import being taken back."""

    state: JobState
    done: Annotated[int, Field(description="Rows looked at so far")]
    total: int
    undone: Annotated[int | None, Field(description="Rows of which nothing is left; known when it is done")]
    kept: Annotated[
        int | None, Field(description="Rows that were worked since and stay; `/rows?state=kept` lists them")
    ]
    requested_by: EmployeeRef
    started_at: datetime
    finished_at: datetime | None
    error: str | None
    position: Annotated[int | None, Field(description="Send it as `after` to see the views without them")]


class ImportBody(BaseModel):
    """An import. `stage` tells what `done` and `total` count: reading (bytes), recording (rows)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "kind": "leads",
                    "file_name": "exhibition.csv",
                    "dry_run": False,
                    "allow_duplicates": False,
                    "state": "running",
                    "stage": "recording",
                    "done": 2250,
                    "total": 8000,
                    "requested_by": {"id": "5d3c2a10-91a4-5b0e-8c57-3b1f6c2f4e01", "code": "base", "name": "Base"},
                    "started_at": "2026-03-05T09:00:00Z",
                    "finished_at": None,
                    "error": None,
                    "report": None,
                    "undo": None,
                }
            ]
        }
    )

    id: UUID
    kind: Kind
    file_name: str
    dry_run: bool
    allow_duplicates: bool
    state: JobState
    stage: Literal["reading", "recording", "waiting"] | None
    done: int
    total: int
    requested_by: EmployeeRef
    started_at: datetime
    finished_at: datetime | None
    error: Annotated[str | None, Field(description="Why it failed; what went in by then stays, and can be undone")]
    report: Annotated[ImportReportBody | None, Field(description="Once it is done")]
    undo: UndoBody | None


class ImportList(BaseModel):
    """Imports, the newest first."""

    items: list[ImportBody]
    next_cursor: str | None


class ImportRowBody(BaseModel):
    """A row that went in, its client (and order), and whether it is still as it was imported."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    client_id: UUID
    part_id: Annotated[UUID | None, Field(description="The deal or order that the row became")]
    state: Literal["imported", "undone", "kept"]
    reason: Annotated[str | None, Field(description="Why it was kept", examples=["worked_since"])]


class ImportRowPage(BaseModel):
    """Rows of an import, by line."""

    items: list[ImportRowBody]
    next_cursor: str | None


class ColumnBody(BaseModel):
    """A column of a file."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    values: Annotated[list[str], Field(description="Some of its values")]
    field: Annotated[str | None, Field(description="The field of the card that it seems to be", examples=["phones"])]


class ColumnsBody(BaseModel):
    """What a file seems to hold. `mapping` can be sent with it as it is, unless something is `missing` in it."""

    model_config = ConfigDict(from_attributes=True)

    columns: list[ColumnBody]
    mapping: dict[str, Any]
    missing: Annotated[
        list[str],
        Field(
            description="What the mapping lacks; for a word of the file without one of ours, where ours belongs; "
            "`card.turnover` where a column of it counts in thousands or the like: write the file in ones",
            examples=[["card.name", "card.origin.values.Leaflet"]],
        ),
    ]


def import_body(
    services: Services, job: Row[Any], undo: Row[Any] | None, told: Mapping[str, Any] = MappingProxyType({})
) -> ImportBody:
    """An import with what takes it back. `told` are the errors and doubts of its report."""
    return ImportBody(
        id=job.id,
        **job.order,
        state=job.state,
        stage=job.stage,
        done=job.done,
        total=job.total,
        requested_by=employee_ref(services, job.requested_by),
        started_at=job.started_at,
        finished_at=job.finished_at,
        error=job.error,
        report=ImportReportBody(**job.result, **told) if job.result else None,
        undo=_undo_body(services, undo) if undo else None,
    )


def _undo_body(services: Services, job: Row[Any]) -> UndoBody:
    result: dict[str, Any] = job.result or {}
    return UndoBody(
        state=job.state,
        done=job.done,
        total=job.total,
        undone=result.get("undone"),
        kept=result.get("kept"),
        requested_by=employee_ref(services, job.requested_by),
        started_at=job.started_at,
        finished_at=job.finished_at,
        error=job.error,
        position=result.get("position"),
    )
