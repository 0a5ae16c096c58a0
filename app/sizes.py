"""How much memory a value takes, with all that it holds."""

import gc
import sys
from enum import Enum
from types import FunctionType, ModuleType

_SHARED = (type, Enum, FunctionType, ModuleType)
"""Kinds of things that are there once, whoever refers to them."""


def bytes_of(value: object) -> int:
    """The memory of a value and of all that can be reached from it, in bytes; classes and functions left out.

    What it shares with other values is counted as its own. Takes about a millisecond for 100 KB.
    """
    seen: set[int] = set()
    waiting, total = [value], 0
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, _SHARED):
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        waiting += gc.get_referents(item)
    return total
