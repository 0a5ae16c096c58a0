"""One table for everything that runs in the background; files of imports, and what went in from each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIMES = "started_at, seen_at, finished_at, error"
_COMMON = "id, requested_by, idempotency_key, request_digest, state"
_JOB = """requested_by uuid NOT NULL, idempotency_key text, request_digest bytea NOT NULL, state text NOT NULL,
    started_at timestamptz NOT NULL, seen_at timestamptz NOT NULL, finished_at timestamptz, error text"""


def upgrade() -> None:
    _create_jobs()
    _move_jobs()
    _create_imports()


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("order", JSONB, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_digest", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("result", JSONB),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        schema="public",
    )
    op.create_index("jobs_newest", "jobs", ["kind", "started_at", "id"], schema="public")
    op.create_index("jobs_request", "jobs", ["requested_by", "idempotency_key"], unique=True, schema="public")


def _move_jobs() -> None:
    op.execute(
        f"""
        INSERT INTO public.jobs (kind, "order", done, total, {_COMMON}, {_TIMES})
        SELECT 'rebuild', jsonb_build_object('views', views), events_done, events_total, {_COMMON}, {_TIMES}
        FROM public.rebuilds
        """  # noqa: S608
    )
    op.execute(
        f"""
        INSERT INTO public.jobs (kind, "order", done, total, result, {_COMMON}, {_TIMES})
        SELECT 'duplicates', '{{}}', steps_done, steps_total, jsonb_build_object('pairs', pairs), {_COMMON}, {_TIMES}
        FROM public.duplicate_runs ON CONFLICT DO NOTHING
        """  # noqa: S608
    )
    op.drop_table("rebuilds", schema="public")
    op.drop_table("duplicate_runs", schema="public")


def _create_imports() -> None:
    op.create_table(
        "import_files",
        sa.Column("import_id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        schema="public",
    )
    op.create_table(
        "import_records",
        sa.Column("import_id", sa.Uuid, primary_key=True),
        sa.Column("line", sa.BigInteger, primary_key=True),
        sa.Column("client_id", sa.Uuid, nullable=False),
        sa.Column("part_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        schema="public",
    )
    op.create_index("import_records_state", "import_records", ["import_id", "state", "line"], schema="public")


def downgrade() -> None:
    """Imports are forgotten, and so are the other jobs."""
    for table in ("import_records", "import_files", "jobs"):
        op.drop_table(table, schema="public")
    op.execute(
        "CREATE TABLE public.rebuilds (id uuid PRIMARY KEY, views text[] NOT NULL, "
        "events_done bigint NOT NULL, events_total bigint NOT NULL, " + _JOB + ", "
        "CONSTRAINT rebuilds_request UNIQUE (requested_by, idempotency_key))"
    )
    op.execute(
        "CREATE TABLE public.duplicate_runs (id uuid PRIMARY KEY, "
        "steps_done bigint NOT NULL, steps_total bigint NOT NULL, pairs bigint NOT NULL, " + _JOB + ")"
    )
    op.create_index("duplicate_runs_newest", "duplicate_runs", ["started_at", "id"], schema="public")
    op.create_index(
        "duplicate_runs_request", "duplicate_runs", ["requested_by", "idempotency_key"], unique=True, schema="public"
    )
