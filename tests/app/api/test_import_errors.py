"""The rows that an import left out."""

from typing import Any

from sqlalchemy import update

from app.services import Services
from app.tables import import_files, jobs
from tests.app.api.conftest import Api
from tests.app.api.lists import WOOD, csv_of, done, send


async def test_the_rows_left_out_are_listed_once_it_is_done(base: Api, services: Services) -> None:
    found = await done(base, await send(base, csv_of(WOOD)))
    listed = await base.get(f"/imports/{found['id']}/errors")
    assert (listed.status_code, listed.content.decode("utf-8-sig")) == (200, "line,field,reason\r\n")
    await _change_job(services, found["id"], state="running", stage="waiting")
    waiting = (await base.get(f"/imports/{found['id']}/errors")).json()
    assert (waiting["status"], waiting["code"]) == (409, "import_not_listed")
    assert waiting["facts"] == {"id": found["id"], "state": "running", "stage": "waiting"}


async def test_every_wrong_cell_is_named_as_a_seller_understands_it(base: Api) -> None:
    found = await done(base, await send(base, csv_of(WOOD, ("Pipes", "+7", "at pipes.example", ""))))
    column, reason = "Mail", "wrong_value: must be one e-mail address, as name@firm.example (was '{}')"
    assert found["report"]["failed"] == 1
    assert found["report"]["errors"] == [
        {"line": 3, "field": "Phone", "reason": "wrong_value: String should have at least 3 characters (was '+7')"},
        {"line": 3, "field": column, "reason": reason.format("at")},
        {"line": 3, "field": column, "reason": reason.format("pipes.example")},
    ]
    listed = (await base.get(f"/imports/{found['id']}/errors")).content.decode("utf-8-sig").splitlines()
    assert len(listed) == 2
    assert listed[1].startswith("3,Phone; Mail,")


async def test_the_list_of_rows_left_out_is_not_kept_for_ever(base: Api, services: Services) -> None:
    found = await done(base, await send(base, csv_of(WOOD, WOOD[:2])))
    async with services.engine.begin() as connection:
        await connection.execute(import_files.delete().where(import_files.c.name == "left_out"))
    gone = (await base.get(f"/imports/{found['id']}/errors")).json()
    assert (gone["status"], gone["code"], gone["facts"]["kept_days"]) == (410, "import_list_gone", 30)


async def _change_job(services: Services, import_id: str, **values: Any) -> None:
    async with services.engine.begin() as connection:
        await connection.execute(update(jobs).where(jobs.c.id == import_id).values(values))
