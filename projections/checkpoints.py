"""How far each view has come, kept so that nobody can project a page twice; and the clients that stand still."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from projections.fingerprint import fingerprint
from projections.folding import Failure
from projections.kernel import View
from projections.log import Driver


class Fenced(Exception):
    """Somebody else moved a view's checkpoint, or replaced the view: what was folded meanwhile must not be written."""


class Parked(NamedTuple):
    """A client that stands still in a view before the event at `position`."""

    view: str
    stream_id: UUID
    position: int


class Checkpoints:
    """The checkpoints of some views, as the code describes these. A view that is stored otherwise has none here."""

    def __init__(self, views: Iterable[View[Any]]) -> None:
        self._fingerprints = {view.name: fingerprint(view) for view in views}
        self._moved_at: dict[str, datetime] = {}

    async def read(self, connection: Driver) -> dict[str, int]:
        """The position of every view that can be projected."""
        sql = "SELECT view, position, fingerprint FROM public.checkpoints WHERE view = ANY($1)"
        return self._valid(await connection.fetch(sql, list(self._fingerprints)))

    async def lock(self, connection: Driver, views: Sequence[str], position: int) -> list[str]:
        """Hold these views for the rest of the transaction. Returns those that somebody else moved the last time.

        Raises:
            Fenced: one of them is not at the position, or no longer the view that the code describes.
        """
        sql = "SELECT * FROM public.checkpoints WHERE view = ANY($1) ORDER BY view FOR UPDATE"
        rows = await connection.fetch(sql, views)
        found = self._valid(rows)
        if found != dict.fromkeys(views, position):
            raise Fenced(f"expected {', '.join(views)} at {position}, found {found}")
        return [row["view"] for row in rows if self._moved_at.get(row["view"]) != row["updated_at"]]

    def _valid(self, rows: Iterable[Any]) -> dict[str, int]:
        return {row["view"]: row["position"] for row in rows if self._fingerprints[row["view"]] == row["fingerprint"]}

    async def move(self, connection: Driver, views: Sequence[str], start: int, end: int) -> dict[str, datetime]:
        """Move the views from one position to a later one, all or none. Returns when, for `moved`.

        Raises:
            Fenced: one of them is not at `start` any more.
        """
        sql = (
            "UPDATE public.checkpoints SET position = $3, updated_at = clock_timestamp() "
            "WHERE view = ANY($1) AND position = $2 RETURNING view, updated_at"
        )
        moved = await connection.fetch(sql, views, start, end)
        if len(moved) != len(views):
            raise Fenced(f"expected {', '.join(views)} at {start}")
        return {row["view"]: row["updated_at"] for row in moved}

    def moved(self, times: Mapping[str, datetime]) -> None:
        """Count moves as one's own, once they are known to be committed.

        If the connection breaks at the commit, nobody here knows whether it took place: then the next `lock` names the
        views, as if somebody else had moved them.
        """
        self._moved_at.update(times)

    async def note(self, connection: Driver, failure: str | None) -> None:
        """Keep why these views cannot go on; None once they can."""
        sql = "UPDATE public.checkpoints SET failure = $2 WHERE view = ANY($1) AND failure IS DISTINCT FROM $2"
        await connection.execute(sql, list(self._fingerprints), failure)

    async def parked(self, connection: Driver, views: Sequence[str]) -> list[Parked]:
        """The clients that stand still in these views."""
        sql = "SELECT view, stream_id, position FROM public.parked WHERE view = ANY($1) ORDER BY position"
        return [Parked(*row) for row in await connection.fetch(sql, views)]

    async def park(self, connection: Driver, failures: Iterable[Failure]) -> None:
        """Let clients stand still."""
        sql = (
            "INSERT INTO public.parked (view, stream_id, position, error, since) VALUES ($1, $2, $3, $4, now()) "
            "ON CONFLICT (view, stream_id) DO UPDATE SET position = excluded.position, error = excluded.error"
        )
        for failure in failures:
            await connection.execute(sql, *failure)

    async def release(self, connection: Driver, parked: Parked) -> None:
        """Let a client go on."""
        sql = "DELETE FROM public.parked WHERE view = $1 AND stream_id = $2"
        await connection.execute(sql, parked.view, parked.stream_id)


class ViewLag(NamedTuple):
    """How far a view is behind the log.

    `seconds_behind` is the age of the oldest event not taken in, 0 if there is none; `parked` counts the clients that
    stand still; `failure` says why the whole view cannot go on.
    """

    view: str
    position: int
    positions_behind: int
    seconds_behind: float
    seconds_since_advance: float
    parked: int
    failure: str | None

    @property
    def failing(self) -> bool:
        """Whether the whole view cannot go on."""
        return self.failure is not None


_LAG = """
SELECT c.view, c.position, greatest(h.head - c.position, 0),
    coalesce(greatest(extract(epoch FROM now() -
        (convert_from(e.state, 'UTF8')::json ->> 'recorded_at')::timestamptz), 0), 0)::float8,
    greatest(extract(epoch FROM now() - c.updated_at), 0)::float8,
    (SELECT count(*) FROM public.parked p WHERE p.view = c.view),
    c.failure
FROM public.checkpoints c
    CROSS JOIN (SELECT coalesce(max(notification_id), 0) AS head FROM public.events) h
    LEFT JOIN public.events e ON e.notification_id = c.position + 1
WHERE c.view = ANY($1) ORDER BY c.view
"""


async def read_lag(connection: Driver, views: Iterable[str]) -> list[ViewLag]:
    """How far these views are behind; one without a checkpoint is absent."""
    return [ViewLag(*row) for row in await connection.fetch(_LAG, list(views))]
