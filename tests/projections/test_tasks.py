"""Tasks: the worklists, who keeps up with them, and clients that their owners have no task for."""

from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.handoff_events import HandoffAccepted
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.employee import Employee
from domain.kernel import Event
from domain.types import Step
from projections.paging import BadCursor, Page
from projections.period import Period
from projections.tasks import TASKS, ClientTask, TasksView
from projections.tasks_query import Idle, TaskFigures, TaskState, Wanted, task_figures, tasks, without_next_step
from tests.domain.facts import HANDOFF, REACHED
from tests.projections.acts import KINDS
from tests.projections.filled import seen
from tests.projections.histories import Act, Fact, Firm
from tests.projections.support import prepared, project
from tests.spec import CLIENT_ID, CLOSER, SELLER, at, day

VIEW = TasksView()
REGISTERED = ClientRegistered(name="Steelworks", origin="social")
ASSIGNED = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
ACCEPTED = HandoffAccepted(
    handoff_id=HANDOFF, from_step=Step.LEAD_GENERATION, to_step=Step.FIRST_DEAL, employee_id=CLOSER.id
)
ARCHIVED = ClientArchived(step=Step.LEAD_GENERATION)
LOST = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.PRICE)


def task(number: int, due: float, employee: Employee = SELLER) -> TaskSet:
    return TaskSet(task_id=UUID(int=number), text="Call", due_at=day(due), employee_id=employee.id)


def done(number: int) -> TaskCompleted:
    return TaskCompleted(task_id=UUID(int=number))


def cancelled(number: int) -> TaskCancelled:
    return TaskCancelled(task_id=UUID(int=number))


def postponed(number: int, due: float) -> TaskPostponed:
    return TaskPostponed(task_id=UUID(int=number), due_at=day(due))


def passed_on(number: int) -> TaskPassedOn:
    return TaskPassedOn(task_id=UUID(int=number), employee_id=CLOSER.id)


class TestFold:
    def test_a_task_set_and_moved(self) -> None:
        state = seen(VIEW, [REGISTERED, at(day(1), task(1, 5)), at(day(2), postponed(1, 7))])
        key = UUID(int=1)
        assert state.by_id == {key: ClientTask(key, "Call", SELLER.id, day(1), SELLER.id, day(7), postponed=1)}

    def test_a_task_passed_on(self) -> None:
        (passed,) = seen(VIEW, [REGISTERED, task(1, 5), at(day(2), passed_on(1))]).by_id.values()
        assert passed == ClientTask(UUID(int=1), "Call", CLOSER.id, day(0), SELLER.id, day(5))

    @pytest.mark.parametrize(("event", "state"), [(done(1), "done"), (cancelled(1), "cancelled")])
    def test_a_task_ended(self, event: Event, state: str) -> None:
        (ended,) = seen(VIEW, [REGISTERED, task(1, 5), at(day(2), event, CLOSER)]).by_id.values()
        assert (ended.state, ended.ended_at, ended.ended_by) == (state, day(2), CLOSER.id)

    @pytest.mark.parametrize("event", [done(1), cancelled(1), postponed(1, 9), passed_on(1)])
    def test_what_happens_to_a_task_dated_later_is_passed_over(self, event: Event) -> None:
        assert seen(VIEW, [REGISTERED, event]).by_id == {}

    def test_a_client_is_touched_by_contacts_and_by_tasks_done(self) -> None:
        def touched(*events: Any) -> Any:
            return seen(VIEW, [REGISTERED, *events]).touched_at

        assert touched() == day(0)
        assert touched(at(day(3), REACHED)) == day(3)
        assert touched(at(day(3), REACHED), at(day(2), REACHED)) == day(3), "logged late"
        assert touched(at(day(3), task(1, 5))) == day(0)
        assert touched(at(day(3), task(1, 5)), at(day(4), cancelled(1))) == day(0)
        assert touched(at(day(3), task(1, 5)), at(day(4), done(1))) == day(4)

    def test_the_row_of_the_client(self) -> None:
        renamed = CardChanged(changed=("name",), name="Foundry")
        state = seen(VIEW, [REGISTERED, ASSIGNED, renamed, task(1, 5), task(2, 5), done(2)])
        assert VIEW.columns(state) == ("Foundry", "lead_generation", SELLER.id, "active", 1, day(0))
        assert VIEW.columns(VIEW.start(CLIENT_ID)) is None

    def test_tasks_of_others_are_not_the_owners(self) -> None:
        def counted(*events: Event) -> object:
            row = VIEW.columns(seen(VIEW, [REGISTERED, *events]))
            assert row
            return row[4]

        assert counted(task(1, 5)) == 0, "nobody works it"
        assert counted(task(1, 5), ASSIGNED) == 1
        assert counted(ASSIGNED, task(1, 5), task(2, 5, CLOSER)) == 1
        handed_over = (ASSIGNED, task(1, 5), ACCEPTED)
        assert counted(*handed_over) == 0
        assert counted(*handed_over, task(2, 5, CLOSER)) == 1
        assert counted(*handed_over, passed_on(1)) == 1

    def test_a_part_row_has_a_value_for_every_column(self) -> None:
        (row,) = VIEW.parts(seen(VIEW, [REGISTERED, task(1, 5)]))[TASKS]
        named = dict(zip(TASKS.c.keys(), row, strict=True))
        assert (named["client_id"], named["task_id"], named["state"]) == (CLIENT_ID, UUID(int=1), "open")


def story(number: int, *happened: tuple[float, Event]) -> list[Fact]:
    return [Fact(UUID(int=100 + number), event, day(on)) for on, event in ((0, REGISTERED), *happened)]


FACTS = [
    *story(1, (0, ASSIGNED), (1, task(1, 5)), (1, task(2, 30)), (1, task(3, 4, CLOSER)), (6, done(3))),
    *story(2, (0, ASSIGNED), (2, task(4, 3)), (3, done(4)), (7, REACHED)),
    *story(3, (0, ASSIGNED), (2, task(5, 6)), (3, ARCHIVED)),
    *story(4, (0, ASSIGNED), (2, task(6, 6, CLOSER)), (3, cancelled(6)), (4, LOST)),
    *story(5, (0, ASSIGNED), (5, REACHED)),
    *story(6, (1, task(7, 8, CLOSER))),
    *story(7),
]
"""Tasks 1 (due on day 5), 7 (on day 8) and 2 (on day 30) are open; clients 5 and 2 have an owner and no task."""
NOW = day(7.5)


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        log = await prepared(engine, [VIEW])
        await log.add(FACTS)
        await project(log, [VIEW])

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await tasks(connection, Wanted(**wanted), page or Page(), NOW)
        return [item["task_id"].int for item in found.items]

    async def idle(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await without_next_step(connection, Idle(**wanted), page or Page())
        return [item["id"].int - 100 for item in found.items]

    async def test_open_ones_the_earliest_due_first(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine) == [1, 7, 2]
        assert await self.listed(engine, overdue=True) == [1]
        assert await self.listed(engine, overdue=False) == [7, 2]

    async def test_filters(self, engine: AsyncEngine) -> None:
        every = TaskState.ALL
        assert await self.listed(engine, state=TaskState.DONE) == [4, 3]
        assert await self.listed(engine, state=TaskState.CANCELLED) == [6]
        assert await self.listed(engine, state=every) == [4, 3, 1, 5, 6, 7, 2]
        assert await self.listed(engine, employees={SELLER.id}) == [1, 2]
        assert await self.listed(engine, employees={SELLER.id, CLOSER.id}) == [1, 7, 2]
        assert await self.listed(engine, employees=()) == []
        assert await self.listed(engine, step=Step.FIRST_DEAL) == []
        assert await self.listed(engine, state=every, client_id=UUID(int=101)) == [3, 1, 2]
        assert await self.listed(engine, due=Period(day(5), day(8))) == [1]

    async def test_pages_show_every_task_once(self, engine: AsyncEngine) -> None:
        listed: list[int] = []
        cursor: str | None = None
        async with engine.connect() as connection:
            while True:
                page = await tasks(connection, Wanted(TaskState.ALL), Page(cursor, 2), NOW)
                listed += [item["task_id"].int for item in page.items]
                cursor = page.next_cursor
                if cursor is None:
                    break
        assert listed == [4, 3, 1, 5, 6, 7, 2]

    async def test_a_cursor_that_is_none_is_refused(self, engine: AsyncEngine) -> None:
        with pytest.raises(BadCursor):
            await self.listed(engine, Page("WyJub3QiXQ"))
        with pytest.raises(BadCursor):
            await self.idle(engine, Page("WyJub3QiXQ"))

    async def test_clients_in_work_without_a_next_step_the_longest_untouched_first(self, engine: AsyncEngine) -> None:
        assert await self.idle(engine) == [5, 2]
        assert await self.idle(engine, owners={CLOSER.id}) == []
        assert await self.idle(engine, step=Step.LEAD_GENERATION) == [5, 2]
        assert await self.idle(engine, step=Step.FIRST_DEAL) == []
        async with engine.connect() as connection:
            first = await without_next_step(connection, Idle(), Page(None, 1))
        assert await self.idle(engine, Page(first.next_cursor, 1)) == [2]

    async def test_figures_by_employee(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            figures = await task_figures(connection, Wanted(TaskState.ALL), NOW)
            within = await task_figures(connection, Wanted(TaskState.ALL, due=Period(day(20), day(40))), NOW)
            theirs = await task_figures(connection, Wanted(TaskState.ALL, {CLOSER.id}), NOW)
        assert figures == {
            SELLER.id: TaskFigures(
                tasks=4, open=2, overdue=1, done=1, done_late=0, cancelled=0, archived=1, overdue_since=day(5)
            ),
            CLOSER.id: TaskFigures(
                tasks=3, open=1, overdue=0, done=1, done_late=1, cancelled=1, archived=0, overdue_since=None
            ),
        }
        assert within == {SELLER.id: TaskFigures(tasks=1, open=1)}
        assert theirs == {CLOSER.id: figures[CLOSER.id]}


def test_figures_add_up() -> None:
    one, other = TaskFigures(tasks=2, open=2, overdue=1, overdue_since=day(3)), TaskFigures(tasks=1, done=1)
    assert one.plus(other) == TaskFigures(tasks=3, open=2, overdue=1, done=1, overdue_since=day(3))
    assert one.plus(one._replace(overdue_since=day(1))).overdue_since == day(1)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_figures_are_those_of_the_lists(engine: AsyncEngine, seed: int) -> None:
    random = Random(seed)
    kinds = [random.choice((0, random.randrange(len(KINDS)), random.randrange(8, 12))) for _ in range(500)]
    log = await prepared(engine, [VIEW])
    await log.add(Firm().play([Act(random.randrange(9), kind, random.randrange(12), 9) for kind in kinds]))
    await project(log, [VIEW])
    now = day(104)
    page = Page(None, 200)
    async with engine.connect() as connection:
        figures = await task_figures(connection, Wanted(TaskState.ALL), now)
        assert sum(each.tasks for each in figures.values()) > 20
        for employee, each in figures.items():
            for state, number in (("all", each.tasks), ("open", each.open), ("done", each.done)):
                found = await tasks(connection, Wanted(TaskState(state), {employee}), page, now)
                assert len(found.items) == number
            overdue = await tasks(connection, Wanted(employees={employee}, overdue=True), page, now)
            assert len(overdue.items) == each.overdue
            assert each.overdue_since == (overdue.items[0]["due_at"] if overdue.items else None)
