"""The command line. Exit codes: 0 done; 1 failed, with one line on standard error that says why; 2 used wrongly."""

import sys

import typer

from app.cli.data import demo, import_history
from app.cli.database import migrate, rebuild, verify
from app.cli.failures import explain
from app.cli.measure import bench
from app.cli.server import serve
from app.cli.tokens import token_app

app = typer.Typer(
    name="conveyor",
    help="A sales conveyor on one client database: leads, first deals, account service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (serve, migrate, rebuild, verify, demo, bench):
    app.command()(command)
app.command("import")(import_history)
app.add_typer(token_app, name="token")


def main() -> None:
    """Run the command line of this process."""
    try:
        app()
    except Exception as error:
        reason = explain(error)
        if reason is None:
            raise
        sys.exit(f"conveyor: {reason}")
