"""The tables of the service itself, beside the log: keys, answers already given, tokens, and the installation."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from projections.log import checkpoints, events, metadata, parked

__all__ = [
    "category_moves",
    "category_previews",
    "checkpoints",
    "data_keys",
    "documents_kept",
    "duplicate_pairs",
    "events",
    "idempotency",
    "import_files",
    "import_records",
    "installation",
    "jobs",
    "metadata",
    "parked",
    "predictions",
    "tokens",
]

data_keys = Table(
    "data_keys",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary),
)
"""The data key of each stream, sealed by the master key. NULL: destroyed, and no other key will ever be made."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("response", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""Answers to commands that came with an idempotency key, so that a repetition gets the same one."""

tokens = Table(
    "tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("employee_id", Uuid, nullable=False),
    Column("role", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)
"""Access tokens by their hash. A token with a role acts in that role as well."""

installation = Table(
    "installation",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("check_value", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
"""One row: a known text sealed by the master key, which tells a wrong master key at start."""

category_previews = Table(
    "category_previews",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("state", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("clients_done", BigInteger, nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("request_key", Text),
    Column("request_digest", LargeBinary),
    Column("ready_at", DateTime(timezone=True)),
    Column("applied_by", Uuid),
    Column("apply_key", Text),
    Column("apply_requested_at", DateTime(timezone=True)),
    Column("applied_at", DateTime(timezone=True)),
    Column("error", Text),
    Index("category_previews_newest", "requested_at", "id"),
    Index("category_previews_request", "requested_by", "request_key", unique=True),
)
"""Runs of the category rules over all clients: computing, ready, applying, applied, or failed for the `error`.

`position`: up to where in the log the clients are at least known, and once it is applied, where the moves end.
"""

category_moves = Table(
    "category_moves",
    metadata,
    Column("preview_id", Uuid, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("from_category", Text),
    Column("to_category", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("figures", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("refusal", Text),
    Index("category_moves_state", "preview_id", "state", "client_id"),
)
"""The clients that a run would move: planned, applied, or skipped for the code of a refusal."""

jobs = Table(
    "jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("order", JSONB, nullable=False),
    Column("requested_by", Uuid, nullable=False),
    Column("idempotency_key", Text),
    Column("request_digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("stage", Text),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("result", JSONB),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("error", Text),
    Index("jobs_newest", "kind", "started_at", "id"),
    Index("jobs_request", "requested_by", "idempotency_key", unique=True),
)
"""What runs in the background: running, done, or failed for the `error`. `seen_at`: when its process last said so."""

import_files = Table(
    "import_files",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
"""Files of imports in pieces, sealed by the master key: what was sent until it is imported, and the rows left out."""

import_records = Table(
    "import_records",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("client_id", Uuid, nullable=False),
    Column("part_id", Uuid),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Index("import_records_state", "import_id", "state", "line"),
)
"""The client (and order) of each row that an import was about to record: imported, undone, or kept for the `reason`."""

duplicate_pairs = Table(
    "duplicate_pairs",
    metadata,
    Column("run_id", Uuid, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("other_id", Uuid, primary_key=True),
    Column("score", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Index("duplicate_pairs_score", "run_id", "score", "client_id", "other_id"),
)
"""The pairs that a run found, the lower id first. Those of the last run that is done are the worklist."""

documents_kept = Table(
    "documents_kept",
    metadata,
    Column("stream_id", Uuid, primary_key=True),
    Column("content_hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("kept_at", DateTime(timezone=True), nullable=False),
)
"""Documents as they were sent to a client, by the SHA-256 of their content, sealed by the client's data key."""

predictions = Table(
    "predictions",
    metadata,
    Column("fit_id", Uuid, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("alive", Double, nullable=False),
    Column("purchases", Double, nullable=False),
    Column("average_purchase", Numeric, nullable=False),
    Column("revenue", Numeric, nullable=False),
    Column("margin", Numeric),
    Index("predictions_revenue", "fit_id", "revenue", "client_id"),
    Index("predictions_alive", "fit_id", "alive", "client_id"),
)
"""What a fit says of each client for the 365 days after the moment it looked back from. It follows from the log and the
fit, and can be made again by another fit until the same moment.
"""
