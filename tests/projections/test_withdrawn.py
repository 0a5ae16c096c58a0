"""A registration that was taken back leaves nothing in any view."""

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.assignment import EmployeeAssigned
from domain.client.registration import ClientRegistered, RegistrationWithdrawn
from domain.types import Step
from projections.registry import VIEWS
from tests.projections.firm import STAFF, client_id
from tests.projections.histories import Fact
from tests.projections.support import prepared, project, rows_of
from tests.spec import START

LEAD = ClientRegistered(
    name="Northern Steel",
    origin="cold_base",
    industry="metal",
    region="north",
    category=None,
    tax_id="7707083893",
    phones=("+7 495 123-45-67",),
)


async def test_a_registration_that_is_taken_back_leaves_nothing(engine: AsyncEngine) -> None:
    log = await prepared(engine, VIEWS)
    before = [await rows_of(engine, view) for view in VIEWS]
    owner = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=next(iter(STAFF)))
    await log.add([Fact(client_id(1), LEAD, START), Fact(client_id(1), owner, START)])
    await project(log, VIEWS)
    assert [await rows_of(engine, view) for view in VIEWS] != before
    await log.add([Fact(client_id(1), RegistrationWithdrawn(import_id=client_id(2)), START)])
    await project(log, VIEWS)
    assert [await rows_of(engine, view) for view in VIEWS] == before
