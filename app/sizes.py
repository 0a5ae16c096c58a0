"""How much memory a value takes, with all that it holds."""

import gc
import sys
from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import FunctionType, ModuleType

_SHARED = (type, Enum, FunctionType, ModuleType)
"""Kinds of things that are there once, whoever refers to them."""
_SIMPLE = frozenset({str, bytes, int, float, datetime, Decimal})
"""Kinds of things that hold nothing but themselves."""


def bytes_of(value: object, apart_from: Collection[int] = frozenset()) -> int:
    """The memory of a value and of all that can be reached from it, in bytes; classes and functions left out.

    `apart_from`: what is not counted, by its `id`.
    """
    return sum(map(sys.getsizeof, parts_of(value, apart_from)))


def parts_of(value: object, apart_from: Collection[int] = frozenset()) -> Iterator[object]:
    """The value and all that can be reached from it, each once."""
    seen, waiting = set(apart_from), [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if type(item) in _SIMPLE:
            yield item
        elif not isinstance(item, _SHARED):
            yield item
            waiting += gc.get_referents(item)
