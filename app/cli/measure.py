"""`conveyor bench`: the benchmarks of a checkout."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import typer

from app.cli.failures import Failure

CHECKOUT = Path(__file__).parents[2]


def bench(arguments: list[str] | None = None) -> None:
    """Measure commands, rebuild and reads, and print one table. Needs a checkout with the development packages."""
    if not (CHECKOUT / "tests" / "benchmarks" / "__main__.py").exists() or find_spec("psycopg") is None:
        raise Failure("the benchmarks need a checkout with its development packages: `make bench`")
    command = [sys.executable, "-m", "tests.benchmarks", *(arguments or [])]
    raise typer.Exit(subprocess.run(command, cwd=CHECKOUT, check=False).returncode)  # noqa: S603
