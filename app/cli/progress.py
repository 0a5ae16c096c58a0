"""Progress of long commands, on standard error: a bar on a terminal, elsewhere a line now and then."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

Update = Callable[[int, int], None]
"""Is told how many are done, and how many there are in all."""
LINE_EVERY_SECONDS = 5.0


@contextmanager
def progress_bar(title: str) -> Generator[Update]:
    """Shows what the yielded function is told. What takes no time leaves no line."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(title, console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bars:
        bar = bars.add_task(title, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def _lines(title: str, console: Console) -> Update:
    told_at = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= LINE_EVERY_SECONDS:
            told_at = time.monotonic()
            console.print(f"{title}: {done} of {total}", highlight=False, soft_wrap=True)

    return tell
