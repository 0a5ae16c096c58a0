"""What a fit of the prediction models says of each client."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "predictions",
        sa.Column("fit_id", sa.Uuid, primary_key=True),
        sa.Column("client_id", sa.Uuid, primary_key=True),
        sa.Column("alive", sa.Double, nullable=False),
        sa.Column("purchases", sa.Double, nullable=False),
        sa.Column("average_purchase", sa.Numeric, nullable=False),
        sa.Column("revenue", sa.Numeric, nullable=False),
        sa.Column("margin", sa.Numeric),
        schema="public",
    )
    for column in ("revenue", "alive"):
        op.create_index(f"predictions_{column}", "predictions", ["fit_id", column, "client_id"], schema="public")


def downgrade() -> None:
    op.drop_table("predictions", schema="public")
