"""`conveyor migrate`, `rebuild` and `verify`: the schema, the views, and the log itself."""

from typing import Annotated, Any

import typer

from app.cli.failures import Failure
from app.cli.progress import progress_bar
from app.cli.session import build_views, existing_database, open_database, open_services, view_worker
from app.loop import run
from app.migrate import upgrade
from app.settings import read_settings
from app.verify import Finding
from app.verify import verify as verify_log
from projections.kernel import View
from projections.parallel import workers_for
from projections.rebuild import rebuild as rebuild_views
from projections.registry import VIEWS


def migrate() -> None:
    """Bring the database to the schema of this release, and build the views that it describes otherwise."""

    async def work() -> None:
        settings = read_settings()
        key = settings.key()
        async with open_database(settings) as engine:
            await upgrade(engine)
            built = await build_views(engine, key)
        typer.echo(f"The database is up to date. Views built: {', '.join(built) or 'none'}.")

    run(work())


def rebuild(
    views: Annotated[list[str] | None, typer.Argument(metavar="VIEW", help="All, if none is named.")] = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=64, help="How many fold; one per core where the log is long.")
    ] = None,
) -> None:
    """Build views anew from the log, beside the running service, and let them take the old ones' place."""
    chosen = _chosen(views or [])

    async def work() -> None:
        settings = existing_database(read_settings())
        async with open_services(settings) as services:
            source = view_worker(services.engine, settings.key())
            workers = workers_for(await services.store.head(), source, processes)
            with progress_bar("Rebuilding") as progress:
                await rebuild_views(services.engine, chosen, services.decode, progress, workers)
        typer.echo(f"Rebuilt: {', '.join(view.name for view in chosen)}.")

    run(work())


def _chosen(names: list[str]) -> list[View[Any]]:
    known = {view.name: view for view in VIEWS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise typer.BadParameter(f"no view {unknown[0]!r}; there are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)] or list(VIEWS)


def verify() -> None:
    """Check the whole log: nothing changed, lost or moved, and every event readable. Exits with 1 where not."""

    async def work() -> tuple[list[Finding], int]:
        async with open_services(existing_database(read_settings())) as services:
            with progress_bar("Verifying") as progress:
                return await verify_log(services.engine, progress, services.vault), await services.store.head()

    findings, position = run(work())
    for finding in findings:
        typer.echo(_described(finding))
    if findings:
        raise Failure(f"the log has {len(findings)} faults up to position {position}")
    typer.echo("The log is whole.")


def _described(finding: Finding) -> str:
    place = {"stream": finding.stream_id, "version": finding.version, "position": finding.position}
    named = ", ".join(f"{name} {value}" for name, value in place.items() if value is not None)
    return f"{finding.fault}: {finding.detail} ({named})"
