"""Commands may form a unit, which `append_events` records as a whole or not at all."""

from importlib import import_module

from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

_ONE_BY_ONE = (
    "uuid[], bigint[], int[], bigint[], text[], bytea[], int[], bytea[], int[], uuid[], text[], bytea[], text[], "
    "timestamptz[], text"
)
APPEND_EVENTS = """
CREATE FUNCTION public.append_events(
    -- commands, at most one per stream and one per idempotency key
    stream_ids uuid[], expected_versions bigint[],
    -- their events in order, each with the number of its command (from 1)
    event_commands int[], event_versions bigint[], topics text[], states bytea[],
    -- data keys that commands bring along for streams without one
    key_commands int[], wrapped_keys bytea[],
    -- answers to keep for commands with an idempotency key; position_mark in them becomes the position
    answer_commands int[], actors uuid[], idempotency_keys text[], request_digests bytea[], responses text[],
    recorded_times timestamptz[], position_mark text,
    -- the unit of each command; empty where every command is one by itself
    units int[],
    -- position of the event before the first one appended
    OUT head bigint,
    -- per command: 0 appended, 1 version conflict, 2 idempotency key taken, 3 another command of its unit refused
    OUT outcomes smallint[]
)
LANGUAGE plpgsql
SET search_path = public, pg_temp
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
AS $$
DECLARE
    number int;
BEGIN
    -- Held until the commit, so that positions become visible in their order and a reader of the tail misses none.
    PERFORM pg_advisory_xact_lock(7236478120517);
    SELECT coalesce(max(e.notification_id), 0) INTO head FROM events e;

    outcomes := ARRAY(
        SELECT CASE
            WHEN EXISTS (
                SELECT FROM events e WHERE e.originator_id = c.stream_id AND e.originator_version > c.expected_version
            ) THEN 1::smallint
            WHEN c.expected_version > 0 AND NOT EXISTS (
                SELECT FROM events e WHERE e.originator_id = c.stream_id AND e.originator_version = c.expected_version
            ) THEN 1::smallint
            ELSE 0::smallint
        END
        FROM unnest(stream_ids, expected_versions) WITH ORDINALITY AS c (stream_id, expected_version, place)
        ORDER BY c.place
    );
    FOR number IN
        SELECT k.command FROM unnest(key_commands) AS k (command)
        JOIN data_keys d ON d.stream_id = stream_ids[k.command]
    LOOP
        outcomes[number] := 1;
    END LOOP;
    FOR number IN
        SELECT a.command FROM unnest(answer_commands, actors, idempotency_keys) AS a (command, actor, key)
        JOIN idempotency i ON i.actor = a.actor AND i.key = a.key
    LOOP
        outcomes[number] := 2;
    END LOOP;
    IF cardinality(units) > 0 THEN
        outcomes := ARRAY(
            SELECT CASE
                WHEN o.outcome = 0 AND max(o.outcome) OVER (PARTITION BY o.unit) > 0 THEN 3::smallint
                ELSE o.outcome
            END
            FROM unnest(outcomes, units) WITH ORDINALITY AS o (outcome, unit, place)
            ORDER BY o.place
        );
    END IF;

    INSERT INTO events (originator_id, originator_version, topic, state, notification_id)
    SELECT stream_ids[e.command], e.version, e.topic, e.state, head + row_number() OVER (ORDER BY e.place)
    FROM unnest(event_commands, event_versions, topics, states)
        WITH ORDINALITY AS e (command, version, topic, state, place)
    WHERE outcomes[e.command] = 0;

    IF cardinality(key_commands) > 0 THEN
        INSERT INTO data_keys (stream_id, wrapped)
        SELECT stream_ids[k.command], k.wrapped FROM unnest(key_commands, wrapped_keys) AS k (command, wrapped)
        WHERE outcomes[k.command] = 0;
    END IF;
    IF cardinality(answer_commands) > 0 THEN
        INSERT INTO idempotency (actor, key, request_digest, response, position, recorded_at)
        SELECT a.actor, a.key, a.request_digest, replace(a.response, position_mark, last.position::text), last.position,
            a.recorded_at
        FROM unnest(answer_commands, actors, idempotency_keys, request_digests, responses, recorded_times)
            AS a (command, actor, key, request_digest, response, recorded_at)
        CROSS JOIN LATERAL (
            SELECT e.notification_id AS position FROM events e
            WHERE e.originator_id = stream_ids[a.command] ORDER BY e.originator_version DESC LIMIT 1
        ) AS last
        WHERE outcomes[a.command] = 0;
    END IF;
END
$$
"""


def upgrade() -> None:
    op.execute(f"DROP FUNCTION public.append_events({_ONE_BY_ONE})")
    op.execute(APPEND_EVENTS)


def downgrade() -> None:
    op.execute(f"DROP FUNCTION public.append_events({_ONE_BY_ONE}, int[])")
    op.execute(import_module("migrations.versions.0001_log").APPEND_EVENTS)
