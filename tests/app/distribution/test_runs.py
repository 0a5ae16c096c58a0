"""Applying a distribution, broken off and taken up again."""

import asyncio
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from app.distribution import runs
from app.distribution.runs import DistributionRuns, carry_on
from app.execute import CLIENT, DISTRIBUTION, EMPLOYEE, TEAM_WORK, Call
from app.services import Services
from domain.client.assignment import AssignEmployee
from domain.client.registration import RegisterClient
from domain.distribution.commands import ApplyDistribution, RecordPlan
from domain.distribution.lines import Line, Reason, Seller
from domain.distribution.state import Distribution, Stage
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.team_work.commands import StartTeamWork
from domain.team_work.state import TEAM_WORK_ID
from domain.types import FailureReason, Step, Variant

CALL = Call(Actor(SYSTEM, frozenset()), uuid4())
RUN = UUID(int=0xD15)
ANNA, BORIS = employee_id("anna"), employee_id("boris")
LEADS = [UUID(int=0xC000 + number) for number in range(7)]


@pytest.fixture
async def planned(services: Services) -> Services:
    """Seven leads that Anna is to get, and the plan is being applied."""
    for code in ("anna", "boris"):
        registered = RegisterEmployee(code=code, name=code)
        await services.executor.execute(EMPLOYEE, employee_id(code), registered, CALL)
    for key in LEADS:
        await services.executor.execute(CLIENT, key, RegisterClient(name="Lead", origin="cold_base"), CALL)
    lines = tuple(Line(client_id=key, employee_id=ANNA, score=Decimal(1), reason=Reason.BEST_SCORE) for key in LEADS)
    plan = RecordPlan(
        step=Step.LEAD_GENERATION,
        sets_tasks=True,
        sellers=(Seller(employee_id=ANNA),),
        lines=lines,
        total=Decimal(7),
        greedy_total=Decimal(7),
        greedy_given=7,
    )
    await services.executor.execute(DISTRIBUTION, RUN, plan, CALL)
    await services.executor.execute(DISTRIBUTION, RUN, ApplyDistribution(), CALL)
    return services


async def run(services: Services) -> Distribution:
    return await services.executor.read(DISTRIBUTION, RUN)


async def assignments(services: Services, key: UUID) -> int:
    return sum(item.event.topic == "assignment.assigned" for item in await services.store.read_stream(key))


class Killed(BaseException):
    """Nothing in the service catches this."""


async def test_what_was_assigned_before_the_end_is_not_assigned_again(
    planned: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, done = planned.executor.execute, 0

    async def killed_at_the_sixth(aggregate: object, *args: object) -> object:
        nonlocal done
        done += aggregate is CLIENT
        if done == 6:
            raise Killed
        return await execute(aggregate, *args)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(runs, "AT_A_TIME", 2)
    monkeypatch.setattr(runs, "AT_ONCE", 1)
    monkeypatch.setattr(planned.executor, "execute", killed_at_the_sixth)
    with pytest.raises(Killed):
        await carry_on(planned, RUN)
    monkeypatch.undo()
    half = await run(planned)
    assert (half.stage, len(half.outcomes)) == (Stage.APPLYING, 4)
    assert [await assignments(planned, key) for key in LEADS] == [1, 1, 1, 1, 1, 0, 0]
    await carry_on(planned, RUN)
    whole = await run(planned)
    assert (whole.stage, len(whole.outcomes), whole.skipped) == (Stage.APPLIED, 7, 0)
    assert [await assignments(planned, key) for key in LEADS] == [1] * 7


async def test_leads_that_were_changed_or_erased_meanwhile_are_skipped(planned: Services) -> None:
    mine = AssignEmployee(employee_id=BORIS, failure_reason=FailureReason.OTHER)
    await planned.executor.execute(CLIENT, LEADS[3], mine, CALL)
    await planned.vault.destroy(LEADS[4])
    await carry_on(planned, RUN)
    whole = await run(planned)
    assert whole.stage is Stage.APPLIED
    assert {key: code for key, code in whole.outcomes.items() if code} == {
        LEADS[3]: "lead_changed",
        LEADS[4]: "client_erased",
    }


async def test_a_review_that_was_killed_is_noted_once_and_goes_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anna's lead goes to Boris; the run ends before its first lead, and again after it."""
    for code in ("anna", "boris"):
        registered = RegisterEmployee(code=code, name=code)
        await services.executor.execute(EMPLOYEE, employee_id(code), registered, CALL)
    lead = RegisterClient(name="Lead", origin="cold_base", owner_id=ANNA)
    await services.executor.execute(CLIENT, LEADS[0], lead, CALL)
    start = StartTeamWork(variant=Variant.AUTHORITARIAN, seller_ids=(ANNA, BORIS), head_id=ANNA)
    team_id = UUID((await services.executor.execute(TEAM_WORK, TEAM_WORK_ID, start, CALL)).answer["team_id"])
    line = Line(
        client_id=LEADS[0],
        owner_id=ANNA,
        barred=(ANNA,),
        employee_id=BORIS,
        score=Decimal(1),
        reason=Reason.BEST_SCORE,
        failure_reason=FailureReason.PRICE,
    )
    sellers = (Seller(employee_id=ANNA), Seller(employee_id=BORIS))
    plan = RecordPlan(
        step=Step.LEAD_GENERATION,
        team_id=team_id,
        is_review=True,
        sets_tasks=True,
        sellers=sellers,
        lines=(line,),
        total=Decimal(1),
        greedy_total=Decimal(1),
        greedy_given=1,
    )
    await services.executor.execute(DISTRIBUTION, RUN, plan, CALL)
    await services.executor.execute(DISTRIBUTION, RUN, ApplyDistribution(), CALL)
    execute = services.executor.execute

    def killed_at(kind: object) -> None:
        async def killed(aggregate: object, *args: object) -> object:
            if aggregate is kind:
                raise Killed
            return await execute(aggregate, *args)  # pyright: ignore[reportArgumentType]

        monkeypatch.setattr(services.executor, "execute", killed)

    for kind in (CLIENT, DISTRIBUTION):
        killed_at(kind)
        with pytest.raises(Killed):
            await carry_on(services, RUN)
    monkeypatch.undo()
    await carry_on(services, RUN)
    assert ((await run(services)).stage, await assignments(services, LEADS[0])) == (Stage.APPLIED, 2)
    client = await services.executor.read(CLIENT, LEADS[0])
    assert (client.owner, client.assignment.failed, len(client.tasks.open)) == (BORIS, {ANNA}, 1)
    reviewed = [item.event for item in await services.store.read_stream(TEAM_WORK_ID)][1:]
    assert [getattr(event, "distribution_id", None) for event in reviewed] == [RUN]


async def test_unfinished_runs_are_found_at_the_start(planned: Services) -> None:
    assert await planned.projector.wait_for(["distributions"], await planned.store.head(), 10)
    found = DistributionRuns(planned)
    found.look_after()
    await _finished(planned)
    await found.stop()
    assert [await assignments(planned, key) for key in LEADS] == [1] * 7


async def test_two_processes_do_not_get_into_each_others_way(planned: Services) -> None:
    one, other = DistributionRuns(planned), DistributionRuns(planned)
    one.start(RUN)
    other.start(RUN)
    await _finished(planned)
    await one.stop()
    await other.stop()
    assert [await assignments(planned, key) for key in LEADS] == [1] * 7


async def _finished(services: Services) -> None:
    for _ in range(400):
        if (await run(services)).stage is Stage.APPLIED:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was not carried on")
