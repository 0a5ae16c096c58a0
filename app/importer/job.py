"""An import asked for over HTTP: the file that was sent, recorded in the background."""

import tempfile
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import orjson

from app.importer.kept_files import LEFT_OUT, LIST, MAPPING, REPORT, KeptFiles
from app.importer.mapping import Kind
from app.importer.noting import Noting
from app.importer.problems import without_folder
from app.importer.report import ImportReport
from app.importer.run import run_import
from app.jobs.kinds import Task
from projections.duplicates import DuplicatesView

TOLD = ("errors", "doubts")
_LOOK_FOR_SECONDS = 10.0


async def import_file(task: Task) -> dict[str, Any]:
    """Import the file of this job. Broken off, it begins again: what went in is known by its keys."""
    services, files = task.services, KeptFiles(task.services.engine, task.services.vault)
    with tempfile.TemporaryDirectory(prefix="conveyor-import-") as folder, without_folder(folder):
        file, mapping, left_out = (Path(folder) / name for name in (LIST, MAPPING, LEFT_OUT))
        await files.fetch(task.id, LIST, file)
        await files.fetch(task.id, MAPPING, mapping)
        await _await_duplicates(task)
        report = await run_import(
            services,
            cast(Kind, task.order["kind"]),
            file,
            mapping,
            dry_run=task.order["dry_run"],
            errors_path=left_out,
            actor=task.requested_by,
            progress=lambda stage, done, total: task.note(done, total, stage),
            region=None if task.order["allow_duplicates"] else services.settings.default_region,
            import_id=task.id,
        )
        if report.failed:
            with left_out.open("rb") as listed:
                async with services.engine.begin() as connection:
                    await files.keep(connection, task.id, LEFT_OUT, listed)
    return await _result(task, report, files)


async def _await_duplicates(task: Task) -> None:
    """Leads are compared with the clients that were there when it began."""
    services = task.services
    end = await services.store.head()
    while not await services.projector.wait_for((DuplicatesView.name,), end, _LOOK_FOR_SECONDS):
        task.note(0, 0, "waiting")


async def _result(task: Task, report: ImportReport, files: KeptFiles) -> dict[str, Any]:
    """The report, without what the file says of anybody: that is put away sealed.

    Rows that went in before a break are among those that were imported.
    """
    imported = report.imported
    if not report.dry_run:
        imported = await Noting(task.services.engine, task.id).count()
    counted = {"imported": imported, "unchanged": report.rows - report.failed - imported}
    told = {name: [error._asdict() for error in getattr(report, name)] for name in TOLD}
    async with task.services.engine.begin() as connection:
        await files.keep(connection, task.id, REPORT, BytesIO(orjson.dumps(told)))
    position = await task.services.store.head()
    figures = {name: value for name, value in asdict(report).items() if name not in TOLD}
    return figures | counted | {"position": position}
