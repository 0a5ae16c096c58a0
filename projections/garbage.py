"""The garbage collector, held back where millions of objects are made that it would look through in vain."""

import gc
from collections.abc import Generator
from contextlib import contextmanager

RARE = (200_000, 50, 100)
"""Thresholds while a log is folded: a page of events and what is made of it hold no cycles."""


class _Folds:
    """How many folds are under way in this process, and the thresholds for when there are none."""

    running = 0
    usual = gc.get_threshold()


@contextmanager
def rare_garbage_collection() -> Generator[None]:
    """Let the collector come seldom. Other tasks of the process may run meanwhile; folds may overlap."""
    if not _Folds.running:
        _Folds.usual = gc.get_threshold()
        gc.set_threshold(*RARE)
    _Folds.running += 1
    try:
        yield
    finally:
        _Folds.running -= 1
        if not _Folds.running:
            gc.set_threshold(*_Folds.usual)
