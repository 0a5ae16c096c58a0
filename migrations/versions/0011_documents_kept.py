"""Documents as they were sent, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents_kept",
        sa.Column("stream_id", sa.Uuid, primary_key=True),
        sa.Column("content_hash", sa.LargeBinary, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        schema="public",
    )


def downgrade() -> None:
    op.drop_table("documents_kept", schema="public")
