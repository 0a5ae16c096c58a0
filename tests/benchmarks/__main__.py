"""Runs the benchmarks, all or those named, and prints one table: ``python -m tests.benchmarks commands``."""

import os
import platform
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from typing import Any

import uvloop

from tests.benchmarks import catalogue, commands, importing, memory, ordering, reading, rebuilding, servers
from tests.benchmarks.table import Line, table


async def _in_one_folder(measure: Callable[..., Coroutine[Any, Any, list[Line]]]) -> list[Line]:
    with servers.data_folder() as folder:
        return await measure(folder)


async def _in_two_folders(measure: Callable[..., Coroutine[Any, Any, list[Line]]]) -> list[Line]:
    with servers.data_folder() as small, servers.data_folder() as large:
        return await measure(small, large)


_PARTS: dict[str, Callable[[], Coroutine[Any, Any, list[Line]]]] = {
    "commands": lambda: _in_one_folder(commands.measure),
    "rebuilding": lambda: _in_one_folder(rebuilding.measure),
    "ordering": lambda: _in_one_folder(ordering.measure),
    "reading": lambda: _in_two_folders(reading.measure),
    "catalogue": lambda: _in_two_folders(catalogue.measure),
    "importing": lambda: _in_one_folder(importing.measure),
    "memory": lambda: _in_one_folder(memory.measure),
}


def main() -> None:
    """Measure the named parts, or all of them."""
    names = sys.argv[1:] or list(_PARTS)
    if unknown := set(names) - set(_PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    lines: list[Line] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr)
        lines += uvloop.run(_PARTS[name]())
    print(f"Python {platform.python_version()}, FastAPI {version('fastapi')}, {os.cpu_count()} cores.\n")
    print(table(lines))


if __name__ == "__main__":
    main()
