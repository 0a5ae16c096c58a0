"""What a view reads of the log, client by client, and how it is folded: the same live and in a rebuild."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Table

from domain.kernel import Recorded
from projections.kernel import Row, View
from projections.log import StoredRow

S = TypeVar("S")
Histories = dict[UUID, list[Recorded]]
Keep = Callable[[Recorded], Recorded | None]
"""What a snapshot is made of: the event, with less joined to it where need be, or None."""


class Readers:
    """Gives each event to the views that read it; only what is to be kept of it, where `keep` says."""

    def __init__(self, views: Sequence[View[Any]], keep: Keep | None = None) -> None:
        self._count, self._keep = len(views), keep
        self.topics = sorted({topic for view in views for topic in view.topics})
        self._readers = {topic: [n for n, view in enumerate(views) if topic in view.topics] for topic in self.topics}

    def sort(self, rows: Iterable[StoredRow], events: Iterable[Recorded]) -> list[Histories]:
        """What each view reads of the events of these rows, in their order."""
        keep, readers = self._keep, self._readers
        by_view: list[Histories] = [defaultdict(list) for _ in range(self._count)]
        for row, recorded in zip(rows, events, strict=True):
            kept = recorded if keep is None else keep(recorded)
            if kept:
                stream_id = row.stream_id
                for number in readers[row.topic]:
                    by_view[number][stream_id].append(kept)
        return by_view


class Folded(NamedTuple, Generic[S]):
    """A client after events of its history, all of them or those before `failed`, which the view cannot take in.

    `grown`: what they add to the growing tables.
    """

    state: S | None
    grown: Sequence[Mapping[Table, Row]]
    failed: tuple[Recorded, Exception] | None = None


def folded(view: View[S], state: S | None, history: Iterable[Recorded]) -> Folded[S]:
    """A client's state after more events of its history; None is before the first."""
    after, added = view.after, view.added if view.growing_tables else None
    grown: list[Mapping[Table, Row]] = []
    for recorded in history:
        try:
            evolved = after(state, recorded)
            if added is not None and (rows := added(recorded)):
                grown.append(rows)
        except Exception as error:  # a view may fail in any way; its client waits, the others go on
            return Folded(state, grown, (recorded, error))
        state = evolved
    return Folded(state, grown)
