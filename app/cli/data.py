"""`conveyor demo` and `conveyor import`: data from a made-up firm, and from files of a real one."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from app.cli.failures import Failure
from app.cli.progress import progress_bar
from app.cli.session import open_services
from app.demo.load import load_demo
from app.importer.mapping import Kind, find_mapping
from app.importer.report import ImportReport
from app.importer.run import run_import
from app.loop import run
from app.services import Services
from app.settings import read_settings
from domain.kernel import Refused

DEMO_CLIENTS, DEMO_SEED = 2_000, 1
_KINDS = get_args(Kind)
ROWS_LEFT_OUT = 3
"""The exit code of an import that is done, but not with every row."""


def demo(
    clients: Annotated[int, typer.Option(min=1, help="How many clients the firm has.")] = DEMO_CLIENTS,
    seed: Annotated[int, typer.Option(help="The same seed and date make the same data.")] = DEMO_SEED,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its last day; default today.")] = None,
) -> None:
    """Load a made-up firm: three departments, 12 employees, 18 months of work, through the commands of the API."""

    async def work() -> None:
        async with open_services(read_settings()) as services:
            await load_demo_with_progress(services, clients, seed, until.date() if until else None)
            await services.catch_up()
        typer.echo(f"Loaded a firm with {clients} clients.")

    run(work())


async def load_demo_with_progress(
    services: Services, clients: int = DEMO_CLIENTS, seed: int = DEMO_SEED, until: date | None = None
) -> None:
    """Load the demo data, with a bar.

    Raises:
        Failure: it is there already.
    """
    done = 0
    with progress_bar("Loading demo data") as progress:

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(done, clients)

        day = until or datetime.now(UTC).date()
        try:
            await load_demo(services, clients=clients, seed=seed, until=day, progress=advance)
        except Refused as refused:
            if refused.code != "employee_exists":
                raise
            raise Failure("the demo data is there already") from refused


def import_history(
    kind: Annotated[str, typer.Argument(metavar="leads|deals|orders", help="What the rows of the file are.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file or an XLSX workbook.")],
    mapping: Annotated[str, typer.Option(help="A mapping file, or the name of a shipped one, such as olist_leads.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and change nothing.")] = False,
    errors: Annotated[Path | None, typer.Option(metavar="OUT.csv", help="Write the rows left out here.")] = None,
    allow_duplicates: Annotated[
        bool, typer.Option("--allow-duplicates", help="Leads that look like a client that is there go in as well.")
    ] = False,
) -> None:
    """Import history on its own dates. Bad rows are left out and named; the same file twice changes nothing.

    Exits with 0 when every row is in, with 3 when rows were left out and the others are in, with 1 when the import
    failed, and with 2 when it was called wrongly.
    """
    if kind not in _KINDS:
        raise typer.BadParameter(f"{kind!r} is none of {', '.join(_KINDS)}", param_hint="KIND")

    async def work() -> tuple[ImportReport, int]:
        mapping_path = find_mapping(mapping)
        async with open_services(read_settings()) as services:
            await services.catch_up()
            with progress_bar("Importing") as progress:
                report = await run_import(
                    services,
                    cast(Kind, kind),
                    file,
                    mapping_path,
                    dry_run=dry_run,
                    errors_path=errors,
                    progress=lambda _stage, done, total: progress(done, total),
                    region=None if allow_duplicates else services.settings.default_region,
                )
            return report, await services.catch_up()

    report, position = run(work())
    _print(report, position, errors)
    if report.failed:
        raise typer.Exit(ROWS_LEFT_OUT)


def _print(report: ImportReport, position: int, errors: Path | None) -> None:
    for error in (*report.doubts, *report.errors):
        typer.echo(str(error), err=True)
    if report.failed > report.rows_shown:
        typer.echo(f"... and {report.failed - report.rows_shown} more", err=True)
    typer.echo(
        f"{report.rows} rows in {report.seconds:.1f} s; "
        f"{report.employees_created} new employees, {report.attributes_declared} new attributes; "
        f"views up to position {position}"
    )
    typer.echo(f"{'would go in' if report.dry_run else 'went in'}: {report.imported} ({report.records} {report.kind})")
    typer.echo(f"there already: {report.unchanged}")
    typer.echo(f"left out: {report.failed}{_where(report, errors)}")


def _where(report: ImportReport, errors: Path | None) -> str:
    if not report.failed:
        return ""
    return f" (listed in {errors})" if errors else " (named above; --errors OUT.csv lists all of them with their cells)"
