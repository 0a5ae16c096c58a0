"""Why projection fails, beside the checkpoints; and the rebuilds that were asked for over HTTP."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("checkpoints", sa.Column("failure", sa.Text), schema="public")
    op.create_table(
        "rebuilds",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("views", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("events_done", sa.BigInteger, nullable=False),
        sa.Column("events_total", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("requested_by", "idempotency_key", name="rebuilds_request"),
        schema="public",
    )


def downgrade() -> None:
    op.drop_table("rebuilds", schema="public")
    op.drop_column("checkpoints", "failure", schema="public")
