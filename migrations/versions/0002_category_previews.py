"""Runs of the category rules over all clients, and the clients that they would move."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "category_previews",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("clients_done", sa.BigInteger, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_key", sa.Text),
        sa.Column("request_digest", sa.LargeBinary),
        sa.Column("ready_at", sa.DateTime(timezone=True)),
        sa.Column("applied_by", sa.Uuid),
        sa.Column("apply_key", sa.Text),
        sa.Column("apply_requested_at", sa.DateTime(timezone=True)),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        schema="public",
    )
    op.create_index("category_previews_newest", "category_previews", ["requested_at", "id"], schema="public")
    op.create_index(
        "category_previews_request", "category_previews", ["requested_by", "request_key"], unique=True, schema="public"
    )
    op.create_table(
        "category_moves",
        sa.Column("preview_id", sa.Uuid, primary_key=True),
        sa.Column("client_id", sa.Uuid, primary_key=True),
        sa.Column("from_category", sa.Text),
        sa.Column("to_category", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("refusal", sa.Text),
        schema="public",
    )
    op.create_index("category_moves_state", "category_moves", ["preview_id", "state", "client_id"], schema="public")


def downgrade() -> None:
    op.drop_table("category_moves", schema="public")
    op.drop_table("category_previews", schema="public")
