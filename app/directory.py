"""What every decision may look up without a query: the regulation in force and the employees, kept in memory."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from app.store import Store
from domain.catalogue.price_lists import PRICE_LIST_EVENTS, PriceList
from domain.documents.template import TEMPLATE_EVENTS, Template
from domain.employee import EMPLOYEE_EVENTS, Employee
from domain.kernel import Event, Recorded
from domain.playbook import SCRIPT_EVENTS, Script
from domain.policy import POLICY_EVENTS, Policy
from domain.prediction.state import PREDICTION_EVENTS, Prediction
from domain.regulation.state import OWNERS, Regulation
from domain.search_assignment import SEARCH_ASSIGNMENT_EVENTS, SearchAssignment
from domain.stock.warehouses import WAREHOUSE_EVENTS, Warehouse
from domain.team_work.events import TEAM_WORK_EVENTS
from domain.team_work.state import TEAM_WORK_ID, TeamWork

T = TypeVar("T")

KINDS: Mapping[type[Any], tuple[type[Event], ...]] = {
    Employee: EMPLOYEE_EVENTS,
    SearchAssignment: SEARCH_ASSIGNMENT_EVENTS,
    Script: SCRIPT_EVENTS,
    Template: TEMPLATE_EVENTS,
    Policy: POLICY_EVENTS,
    Prediction: PREDICTION_EVENTS,
    TeamWork: TEAM_WORK_EVENTS,
    PriceList: PRICE_LIST_EVENTS,
    Warehouse: WAREHOUSE_EVENTS,
}
"""The kinds of streams that decisions on others refer to, with all events of each."""

_KIND_OF = {event: kind for kind, events in KINDS.items() for event in events}
_TOPICS = tuple(event.topic for event in (*_KIND_OF, *OWNERS))
_PAGE = 5_000


class Directory:
    """The regulation, the employees and whatever else is of `KINDS`, as of `position`.

    Refreshed after own changes, and now and then.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.position = 0
        self.regulation = Regulation()
        self._known: dict[type[Any], dict[UUID, Any]] = {kind: {} for kind in KINDS}

    def known(self, kind: type[T], key: UUID) -> T | None:
        """What the stream with this id came to, if it is of this kind."""
        return cast("T | None", self._known.get(kind, {}).get(key))

    def all(self, kind: type[T]) -> list[T]:
        """All there are of a kind, in the order in which they came to be."""
        return list(cast("dict[UUID, T]", self._known[kind]).values())

    def employee(self, employee_id: UUID) -> Employee | None:
        """The employee with this id."""
        return self.known(Employee, employee_id)

    def employees(self) -> list[Employee]:
        """All employees, by code."""
        return sorted(self.all(Employee), key=lambda employee: employee.code)

    @property
    def today(self) -> date:
        """The day that it is in the firm's time zone."""
        return datetime.now(UTC).astimezone(ZoneInfo(self.regulation.time_zone)).date()

    @property
    def team_work(self) -> TeamWork:
        """The teams of the firm."""
        return self.known(TeamWork, TEAM_WORK_ID) or TeamWork.empty(TEAM_WORK_ID)

    async def refresh(self) -> bool:
        """Take in what was appended since the last time. Says whether anything changed."""
        changed = False
        head = await self._store.head()
        while self.position < head:
            page = await self._store.read_log(self.position, _PAGE, topics=_TOPICS, until=head)
            for recorded in page:
                self._take_in(recorded.stream_id, recorded)
                changed = True
            reached = page[-1].position if len(page) == _PAGE else head
            self.position = max(self.position, reached)
        return changed

    def _take_in(self, stream_id: UUID, recorded: Recorded) -> None:
        if recorded.position <= self.position:
            return
        kind = _KIND_OF.get(type(recorded.event))
        if kind is None:
            self.regulation = self.regulation.evolve(recorded)
            return
        known = self._known[kind]
        known[stream_id] = (known.get(stream_id) or kind.empty(stream_id)).evolve(recorded)
