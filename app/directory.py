"""What every decision may look up without a query: the regulation in force and the employees, kept in memory."""

from uuid import UUID

from app.store import Store
from domain.employee import EMPLOYEE_EVENTS, Employee
from domain.kernel import Recorded
from domain.regulation.state import OWNERS, Regulation

_TOPICS = tuple(event.topic for event in (*EMPLOYEE_EVENTS, *OWNERS))
_PAGE = 5_000


class Directory:
    """The regulation and the employees as of `position`. Refreshed after own changes, and now and then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.position = 0
        self.regulation = Regulation()
        self._employees: dict[UUID, Employee] = {}

    def employee(self, employee_id: UUID) -> Employee | None:
        """The employee with this id."""
        return self._employees.get(employee_id)

    def employees(self) -> list[Employee]:
        """All employees, by code."""
        return sorted(self._employees.values(), key=lambda employee: employee.code)

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
        if isinstance(recorded.event, EMPLOYEE_EVENTS):
            employee = self._employees.get(stream_id) or Employee.empty(stream_id)
            self._employees[stream_id] = employee.evolve(recorded)
        else:
            self.regulation = self.regulation.evolve(recorded)
