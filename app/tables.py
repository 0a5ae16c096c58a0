"""The tables of the service itself, beside the log: keys, answers already given, tokens, and the installation."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
)

from projections.log import checkpoints, events, metadata, parked

__all__ = ["checkpoints", "data_keys", "events", "idempotency", "installation", "metadata", "parked", "tokens"]

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
