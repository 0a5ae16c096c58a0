"""The fingerprint of a view: tells a stored view from the one that the code describes."""

import hashlib
import json
from typing import Any

from projections.kernel import SCHEMA, View
from projections.shadow import index_statements, table_statements


def fingerprint(view: View[Any]) -> str:
    """Changes with the view's tables and indexes, the shape of its state, the events it reads, and its revision."""
    described = [
        view.revision,
        sorted(event.topic for event in view.reads),
        table_statements(view, SCHEMA),
        index_statements(view, SCHEMA),
        view.adapter.json_schema(mode="serialization"),
    ]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
