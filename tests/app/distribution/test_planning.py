"""Working a plan out in a process of its own."""

from uuid import UUID, uuid4

import pytest

from app.distribution import solver
from app.distribution.orders import DistributionOrder
from app.distribution.planning import plan_distribution
from app.execute import CLIENT, DISTRIBUTION, EMPLOYEE, Call
from app.services import Services
from domain.client.registration import RegisterClient
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.types import Step


def call() -> Call:
    return Call(Actor(SYSTEM, frozenset()), uuid4())


async def planned(services: Services) -> dict[UUID, UUID | None]:
    """Who gets which lead."""
    outcome = await plan_distribution(services, DistributionOrder(), call())
    lines = (await services.executor.read(DISTRIBUTION, UUID(outcome.answer["id"]))).lines
    return {key: line.employee_id for key, line in lines.items()}


async def test_it_comes_to_the_same_as_on_the_spot(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("driver", "amiable"):
        command = RegisterEmployee(code=code, name=code, personality_type=code, steps=frozenset(Step), capacity=3)
        await services.executor.execute(EMPLOYEE, employee_id(code), command, call())
    for number in range(8):
        lead = RegisterClient(name="Lead", origin="cold_base", personality_type=("driver", "amiable")[number % 2])
        await services.executor.execute(CLIENT, uuid4(), lead, call())
    views = ("clients", "team_leads")
    assert await services.projector.wait_for(views, await services.store.head(), 10)
    on_the_spot = await planned(services)
    monkeypatch.setattr(solver, "LARGE", 0)
    assert await planned(services) == on_the_spot
    assert sorted(map(str, on_the_spot.values())).count("None") == 2
