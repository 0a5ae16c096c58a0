"""Searches for duplicates in the whole base, and the pairs that they found."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duplicate_runs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("steps_done", sa.BigInteger, nullable=False),
        sa.Column("steps_total", sa.BigInteger, nullable=False),
        sa.Column("pairs", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        schema="public",
    )
    op.create_index("duplicate_runs_newest", "duplicate_runs", ["started_at", "id"], schema="public")
    op.create_index(
        "duplicate_runs_request", "duplicate_runs", ["requested_by", "idempotency_key"], unique=True, schema="public"
    )
    op.create_table(
        "duplicate_pairs",
        sa.Column("run_id", sa.Uuid, primary_key=True),
        sa.Column("client_id", sa.Uuid, primary_key=True),
        sa.Column("other_id", sa.Uuid, primary_key=True),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        schema="public",
    )
    op.create_index(
        "duplicate_pairs_score", "duplicate_pairs", ["run_id", "score", "client_id", "other_id"], schema="public"
    )


def downgrade() -> None:
    op.drop_table("duplicate_pairs", schema="public")
    op.drop_table("duplicate_runs", schema="public")
