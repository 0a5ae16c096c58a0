"""An import asked for over HTTP: the file that was sent, recorded in the background."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from app.importer.kept_files import KeptFiles
from app.importer.mapping import Kind
from app.importer.noting import Noting
from app.importer.problems import without_folder
from app.importer.report import ImportReport
from app.importer.run import run_import
from app.jobs.kinds import Task
from projections.duplicates import DuplicatesView

LIST, MAPPING, LEFT_OUT = "list", "mapping", "left_out"
"""The files of an import: what was sent, how it is read, and its rows that did not go in."""
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
    await files.drop(task.id, LIST)
    return await _result(task, report)


async def _await_duplicates(task: Task) -> None:
    """Leads are compared with the clients that were there when it began."""
    services = task.services
    end = await services.store.head()
    while not await services.projector.wait_for((DuplicatesView.name,), end, _LOOK_FOR_SECONDS):
        task.note(0, 0, "waiting")


async def _result(task: Task, report: ImportReport) -> dict[str, Any]:
    """The report; rows that went in before a break are among those that were imported."""
    imported = report.imported
    if not report.dry_run:
        imported = await Noting(task.services.engine, task.id).count()
    counted = {"imported": imported, "unchanged": report.rows - report.failed - imported}
    errors = {name: [error._asdict() for error in getattr(report, name)] for name in ("errors", "doubts")}
    position = await task.services.store.head()
    return asdict(report) | counted | errors | {"position": position}
