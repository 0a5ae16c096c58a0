"""Lists brought in from files, in the background: sent, followed, looked through, undone."""

import json
from collections.abc import AsyncIterable, Iterable, Sequence
from functools import partial
from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import Row
from starlette.datastructures import FormData, UploadFile

from app.api import BASE
from app.api.caller import IDEMPOTENCY_HEADER, REPLAYED_HEADER, Caller, Reader, Uploader, services_of
from app.api.documented import problems_documented
from app.api.import_bodies import (
    ColumnsBody,
    ImportBody,
    ImportList,
    ImportRowBody,
    ImportRowPage,
    Kind,
    import_body,
)
from app.api.reading import NeverBehind
from app.api.reports import ListPage, cursors_checked
from app.auth import authorize
from app.importer.kept_files import KEPT_FOR, LEFT_OUT, REPORT, KeptFiles
from app.importer.lists import UNDO, record_page, undoings
from app.importer.mapping import LONGEST_MAPPING, find_mapping
from app.importer.problems import ImportRefused, MappingError
from app.importer.report import CELLS_IN_FRONT
from app.importer.sending import KIND, Sent, looked_at, send
from app.jobs.jobs import Jobs
from app.problems import Problem, invalid
from app.services import Services

router = APIRouter(tags=["Imports"])
ACCEPTED = 202
MOST_RUNNING = 3
LONGEST_NAME = 200
_KINDS = get_args(Kind)
_ALLOWED = problems_documented({}, "forbidden")
_FLAGS = {"true": True, "false": False}
_FORM: dict[str, Any] = {
    "type": "object",
    "required": ["file", "mapping"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "A list in CSV or XLSX, up to 100 MB"},
        "mapping": {
            "type": "string",
            "description": "Which column feeds which field, in TOML or JSON, as text or as a file (docs/importing.md); "
            "or the name of a shipped mapping, as olist_leads",
        },
        "kind": {"type": "string", "enum": list(_KINDS), "default": "leads"},
        "dry_run": {"type": "boolean", "default": False, "description": "Check everything and change nothing"},
        "allow_duplicates": {
            "type": "boolean",
            "default": False,
            "description": "Leads that look like a client that is there go in as well",
        },
    },
}
_FILE_ONLY = {"type": "object", "required": ["file"], "properties": {"file": _FORM["properties"]["file"]}}


def _jobs(request: Request) -> Jobs:
    return request.app.state.jobs


def _refuse_many(running: Sequence[Row[Any]]) -> None:
    if len(running) >= MOST_RUNNING:
        raise Problem("too_many_imports", facts={"running": [job.id for job in running]})


@router.post(
    "/imports",
    status_code=ACCEPTED,
    responses=_ALLOWED | problems_documented({}, "import_not_usable", "too_many_imports", "body_too_large"),
    openapi_extra={
        "parameters": [IDEMPOTENCY_HEADER],
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}},
    },
)
async def start_import(request: Request, response: Response, call: Uploader) -> ImportBody:
    """Import a list in the background. Bad rows are left out and named, the good ones go in; what is there stays.

    The same file again changes nothing. A new lead that looks like a client that is there is left out, unless
    `allow_duplicates` is true.
    """
    authorize(call.actor, "import")
    services = services_of(request)
    async with request.form(max_files=2, max_fields=5) as form:
        sent = await _sent(form)
        try:
            job, replayed = await send(services, _jobs(request), sent, call, _refuse_many)
        except ImportRefused as refused:
            field = "mapping" if isinstance(refused, MappingError) else "file"
            raise Problem("import_not_usable", facts={"field": field, "reason": str(refused)}) from None
    if replayed:
        response.headers[REPLAYED_HEADER] = "true"
    response.headers["Location"] = f"{BASE}/imports/{job.id}"
    return import_body(services, job, None)


async def _sent(form: FormData) -> Sent:
    if unknown := sorted(form.keys() - _FORM["properties"].keys()):
        raise invalid(unknown[0], "Leave this field out.", "extra_forbidden")
    file = _file(form)
    kind = form.get("kind", "leads")
    if kind not in _KINDS:
        raise invalid("kind", f"Send one of {', '.join(_KINDS)}.", "enum")
    return Sent(
        cast("Kind", kind),
        file.file,
        (file.filename or "list")[:LONGEST_NAME],
        await _mapping(form),
        _flag(form, "dry_run"),
        _flag(form, "allow_duplicates"),
    )


async def _mapping(form: FormData) -> bytes:
    sent = form.get("mapping")
    if isinstance(sent, UploadFile):
        return await sent.read(LONGEST_MAPPING + 1)
    if not sent:
        raise invalid("mapping", "Send a mapping in TOML or JSON, or the name of a shipped one.", "missing")
    if "=" in sent or "{" in sent:
        return sent.encode()
    try:
        return find_mapping(sent).read_bytes()
    except MappingError as unknown:
        raise Problem("import_not_usable", facts={"field": "mapping", "reason": str(unknown)}) from None


@router.post(
    "/imports/columns",
    responses=_ALLOWED | problems_documented({}, "import_not_usable", "body_too_large"),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILE_ONLY}}}},
)
async def guess_import_columns(request: Request, call: Uploader) -> ColumnsBody:
    """Look at a list before it is imported: its columns, some values, and a mapping to begin with. Nothing is kept."""
    authorize(call.actor, "import")
    async with request.form(max_files=1, max_fields=1) as form:
        file = _file(form)
        try:
            found = await looked_at(file.file, file.filename or "list")
        except ImportRefused as refused:
            raise Problem("import_not_usable", facts={"field": "file", "reason": str(refused)}) from None
    return ColumnsBody.model_validate(found)


def _file(form: FormData) -> UploadFile:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise invalid("file", "Send a CSV or XLSX file.", "missing")
    return file


def _flag(form: FormData, name: str) -> bool:
    text = form.get(name, "false")
    if not isinstance(text, str) or text.lower() not in _FLAGS:
        raise invalid(name, "Send true or false.", "bool_parsing")
    return _FLAGS[text.lower()]


@router.get("/imports", responses=_ALLOWED)
async def list_imports(request: Request, actor: Reader, page: ListPage, services: NeverBehind) -> ImportList:
    """All imports, the newest first."""
    authorize(actor, "import")
    with cursors_checked():
        found, next_cursor = await _jobs(request).page(KIND, page)
    async with services.engine.connect() as connection:
        undone = await undoings(connection, [job.id for job in found])
    items = [import_body(services, job, undone.get(job.id)) for job in found]
    return ImportList(items=items, next_cursor=next_cursor)


@router.get("/imports/{import_id}", responses=_ALLOWED | problems_documented({}, "not_found"))
async def read_import(request: Request, actor: Reader, import_id: UUID, _: NeverBehind) -> ImportBody:
    """How far an import has come, and what became of its rows."""
    authorize(actor, "import")
    return await _read(request, await _known(request, import_id))


@router.get(
    "/imports/{import_id}/errors",
    responses=_ALLOWED
    | problems_documented({}, "not_found", "import_not_listed", "import_list_gone")
    | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "CSV in UTF-8"}},
    response_class=StreamingResponse,
)
async def download_import_errors(request: Request, actor: Reader, import_id: UUID) -> StreamingResponse:
    """The rows left out with line, field, reason and their own cells, to be corrected and imported from there.

    Where none was, the list has its first line only. Cells that a spreadsheet would take for a formula have an
    apostrophe in front.
    """
    authorize(actor, "import")
    job = await _known(request, import_id)
    if job.state != "done":
        raise Problem("import_not_listed", facts={"id": import_id, "state": job.state, "stage": job.stage})
    files = KeptFiles(services_of(request).engine, services_of(request).vault)
    headers = {"Content-Disposition": f'attachment; filename="import-{import_id}-left-out.csv"'}
    return StreamingResponse(await _left_out(job, files), media_type="text/csv; charset=utf-8", headers=headers)


async def _left_out(job: Row[Any], files: KeptFiles) -> AsyncIterable[bytes] | Iterable[bytes]:
    if not job.result["failed"]:
        return [f"{','.join(CELLS_IN_FRONT)}\r\n".encode("utf-8-sig")]
    if not await files.has(job.id, LEFT_OUT):
        raise Problem("import_list_gone", facts={"id": job.id, "kept_days": KEPT_FOR.days})
    return files.pieces(job.id, LEFT_OUT)


@router.get("/imports/{import_id}/rows", responses=_ALLOWED | problems_documented({}, "not_found"))
async def list_import_rows(
    request: Request,
    actor: Reader,
    import_id: UUID,
    page: ListPage,
    services: NeverBehind,
    state: Annotated[
        Literal["imported", "undone", "kept"] | None, Query(description="kept: worked since, so not undone")
    ] = None,
) -> ImportRowPage:
    """The rows that went in, with the clients they became."""
    authorize(actor, "import")
    await _known(request, import_id)
    async with services.engine.connect() as connection:
        with cursors_checked():
            found = await record_page(connection, import_id, state, page)
    return ImportRowPage(
        items=[ImportRowBody.model_validate(row) for row in found.items], next_cursor=found.next_cursor
    )


@router.post(
    "/imports/{import_id}/undo",
    status_code=ACCEPTED,
    responses=_ALLOWED | problems_documented({}, "not_found", "import_not_done", "import_of_deals"),
    openapi_extra={"parameters": [IDEMPOTENCY_HEADER]},
)
async def undo_import(request: Request, response: Response, import_id: UUID, call: Caller) -> ImportBody:
    """Take an import back: its leads count nowhere any more, its orders are cancelled. Their history stays readable.

    What was worked since stays as it is, and `/rows?state=kept` lists it. The same file may be imported again.
    """
    authorize(call.actor, "import")
    job = await _known(request, import_id)
    if earlier := await _jobs(request).find(call):
        response.headers[REPLAYED_HEADER] = "true"
        return import_body(services_of(request), job, earlier)
    await _refuse_unless_undoable(services_of(request), job)
    await _jobs(request).start(UNDO, {"import_id": str(import_id)}, call, partial(_refuse_second, job))
    return await _read(request, job)


async def _refuse_unless_undoable(services: Services, job: Row[Any]) -> None:
    async with services.engine.connect() as connection:
        undo = (await undoings(connection, [job.id])).get(job.id)
    if job.state == "running" or job.order["dry_run"] or (undo and undo.state != "failed"):
        facts = {
            "id": job.id,
            "state": job.state,
            "dry_run": job.order["dry_run"],
            "undo": undo.state if undo else None,
        }
        raise Problem("import_not_done", facts=facts)
    if job.order["kind"] == "deals":
        raise Problem("import_of_deals", facts={"id": job.id, "rows": f"{BASE}/imports/{job.id}/rows"})


def _refuse_second(job: Row[Any], running: Sequence[Row[Any]]) -> None:
    if any(undo.order["import_id"] == str(job.id) for undo in running):
        raise Problem("import_not_done", facts={"id": job.id, "undo": "running"})


async def _known(request: Request, import_id: UUID) -> Row[Any]:
    job = await _jobs(request).get(KIND, import_id)
    if job is None:
        raise Problem("not_found", facts={"id": import_id})
    return job


async def _read(request: Request, job: Row[Any]) -> ImportBody:
    services = services_of(request)
    async with services.engine.connect() as connection:
        undo = (await undoings(connection, [job.id])).get(job.id)
    told = await KeptFiles(services.engine, services.vault).read(job.id, REPORT)
    return import_body(services, job, undo, json.loads(told or "{}"))
