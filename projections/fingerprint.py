"""The fingerprint of a view: tells a stored view from the one that the code describes."""

import hashlib
import json
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from projections.kernel import SCHEMA, View
from projections.shadow import index_statements, table_statements


def fingerprint(view: View[Any]) -> str:
    """Changes with the view's tables and indexes, the shape of its state, the events it reads, and its revision."""
    described = [view.revision, sorted(event.topic for event in view.reads), *_shape(view)]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


@cache
def _shape(view: View[Any]) -> tuple[list[str], list[str], dict[str, Any]]:
    """The tables, the indexes and the state. Described once in a process: that takes some milliseconds a view."""
    state = TypeAdapter(view.state_type).json_schema(mode="serialization")
    return table_statements(view, SCHEMA), index_statements(view, SCHEMA), state
