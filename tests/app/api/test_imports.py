"""Imports over HTTP: sent, followed, broken off, looked through, undone."""

import asyncio
import io
from typing import Any
from uuid import uuid4

import openpyxl
import psutil
import pytest
from sqlalchemy import func, update

from app.api import BASE
from app.jobs.jobs import DEAD_AFTER
from app.services import Services
from app.tables import import_files, jobs
from domain.types import Role
from tests.app.api.conftest import CONTACT, Api, Staff
from tests.app.api.lists import HEADER, MAPPING, PIPES, STEEL, WOOD, csv_of, done, ended, names, send


async def test_a_list_goes_in_and_the_same_again_changes_nothing(base: Api) -> None:
    sent = csv_of(STEEL, WOOD, PIPES, encoding="cp1251", separator=";")
    found = await done(base, await send(base, sent))
    report = found["report"]
    assert (found["state"], found["file_name"], found["requested_by"]["code"]) == ("done", "expo.csv", "base")
    assert [report[name] for name in ("rows", "imported", "unchanged", "failed")] == [3, 3, 0, 0]
    assert [(doubt["line"], doubt["field"]) for doubt in report["doubts"]] == [(4, "INN")]
    assert await names(base, report["position"]) == ["Pipes", "Woodworks", "Северная сталь"]
    again = (await done(base, await send(base, sent, MAPPING.encode())))["report"]
    assert [again[name] for name in ("imported", "unchanged")] == [0, 3]
    rows = (await base.get(f"/imports/{found['id']}/rows", limit=2)).json()
    assert [(row["line"], row["state"]) for row in rows["items"]] == [(2, "imported"), (3, "imported")]
    assert rows["next_cursor"]


async def test_a_dry_run_tells_the_same_and_changes_nothing(base: Api, services: Services) -> None:
    report = (await done(base, await send(base, csv_of(STEEL, WOOD), dry_run="true")))["report"]
    assert [report[name] for name in ("imported", "dry_run") if name in report] == [2]
    assert await names(base, report["position"]) == []
    async with services.engine.connect() as connection:
        kept = await connection.scalar(import_files.select().where(import_files.c.name == "list"))
    assert kept is None


async def test_rows_that_look_like_a_client_are_left_out(base: Api) -> None:
    await base.made("/clients", {"name": "Steel", "origin": "tender", "tax_id": STEEL[3]})
    double = ("=Wood works", WOOD[1], "", "")
    found = await done(base, await send(base, csv_of(STEEL, WOOD, double)))
    errors = found["report"]["errors"]
    assert [(error["line"], error["field"]) for error in errors] == [(2, "INN"), (4, "Phone")]
    assert errors[0]["reason"].startswith("duplicate_client: looks like client ")
    assert errors[1]["reason"] == "duplicate_client: looks like line 3 of this file: the same phone"
    listed = await base.get(f"/imports/{found['id']}/errors")
    assert listed.headers["content-type"] == "text/csv; charset=utf-8"
    assert "'=Wood works" in listed.text
    allowed = await done(base, await send(base, csv_of(STEEL, double), allow_duplicates="true"))
    assert allowed["report"]["imported"] == 2


async def test_rows_with_mistyped_names_are_left_out(base: Api) -> None:
    await base.made("/clients", {"name": "ООО Ромашка", "origin": "tender", "region": "Урал"})
    mapping = MAPPING.replace('tax_id = "INN"', 'region = "INN"')
    rows = [
        (name, f"+7 495 123-4{number}-67", "", "Урал")
        for number, name in enumerate(("Рамашка", "Василёк", "Васлиек", "Ландыш"))
    ]
    report = (await done(base, await send(base, csv_of(*rows), mapping)))["report"]
    assert (report["imported"], report["failed"]) == (2, 2)
    reasons = [(error["line"], error["field"], error["reason"]) for error in report["errors"]]
    assert reasons[0][:2] == (2, "Firm")
    assert reasons[0][2].endswith("(ООО Ромашка): a name much alike (0.8571)")
    assert reasons[1] == (4, "Firm", "duplicate_client: looks like line 3 of this file: a name much alike (0.8571)")


async def test_the_client_of_a_mistyped_name_is_found_among_branches_with_other_tax_ids(base: Api) -> None:
    await base.made("/clients", {"name": "ООО Ромашка", "origin": "tender", "region": "Урал"})
    mapping = MAPPING.replace('emails = "Mail"', 'region = "Mail"').replace('"Phone"]', '"INN"]')
    branches = [("ООО Ромашка", "", "Урал", f"{7_000_000_000 + number}") for number in range(60)]
    taken = await done(base, await send(base, csv_of(*branches), mapping, allow_duplicates="true"))
    assert taken["report"]["imported"] == 60
    left = await done(base, await send(base, csv_of(("Рамашка", "", "Урал", "7700000000")), mapping))
    assert left["report"]["failed"] == 1


async def test_a_shared_domain_is_named_by_the_column_that_it_is_from(base: Api) -> None:
    known = {"name": "Northern Steel", "origin": "tender", "emails": ["sales@steel.example"]}
    await base.made("/clients", known)
    row = ("Northern Steel", "+7 343 222-33-44", "info@steel.example", "")
    report = (await done(base, await send(base, csv_of(row))))["report"]
    assert [(error["field"], error["reason"][-11:]) for error in report["errors"]] == [("Mail", "same domain")]


FIRST_WORDS = ("Торговый дом", "Строительная компания", "Транспортная компания", "Завод", "Медицинский центр")
LAST_WORDS = (
    *("Альфа", "Восток", "Запад", "Ростов", "Волга", "Урал", "Кама", "Вега", "Сириус", "Орион", "Атлант", "Титан"),
    *("Гранит", "Кристалл", "Рубин", "Сапфир", "Энергия", "Прогресс", "Авангард", "Салют"),
)


@pytest.mark.parametrize("with_tax_ids", [True, False])
async def test_firms_that_share_generic_words_are_taken(base: Api, *, with_tax_ids: bool) -> None:
    mapping = MAPPING.replace('emails = "Mail"', 'region = "Mail"').replace('"Phone"]', '"INN"]')
    mapping = mapping if with_tax_ids else mapping.replace('tax_id = "INN"', 'specifics = "INN"')
    firms = [f"ООО {first} {last}" for first in FIRST_WORDS for last in LAST_WORDS]
    rows = [(name, "", "Москва", f"{7_000_000_000 + number}") for number, name in enumerate(firms)]
    half = len(rows) // 2
    for some in (rows[:half], rows[half:]):
        report = (await done(base, await send(base, csv_of(*some), mapping)))["report"]
        assert (report["imported"], report["failed"]) == (half, 0)


async def test_an_undo_leaves_what_was_worked_since(base: Api) -> None:
    first = await done(base, await send(base, csv_of(STEEL, WOOD)))
    listed = (await base.get("/clients", after=first["report"]["position"])).json()["items"]
    ids = {item["name"]: item["id"] for item in listed}
    steel = ids.pop(STEEL[0])
    await base.made(f"/clients/{steel}/contacts", CONTACT)
    answer = await base.post(f"/imports/{first['id']}/undo", idempotency_key="undo")
    assert answer.status_code == 202
    again = await base.post(f"/imports/{first['id']}/undo", idempotency_key="undo")
    assert again.headers["Idempotent-Replayed"] == "true"
    found = await ended(base, f"/imports/{first['id']}", "undo", "state")
    assert [found["undo"][name] for name in ("state", "undone", "kept", "total")] == ["done", 1, 1, 2]
    kept = (await base.get(f"/imports/{first['id']}/rows", state="kept")).json()["items"]
    assert [(row["line"], row["client_id"], row["reason"]) for row in kept] == [(2, steel, "worked_since")]
    assert await names(base, found["undo"]["position"]) == [STEEL[0]]
    [wood] = ids.values()
    for path in ("", "/orders", "/account", "/discount-policy"):
        gone = await base.get(f"/clients/{wood}{path}")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown_client")
    conversion = (await base.get("/reports/conversion")).json()["total"]
    assert conversion["entered"] == 1
    second = await base.post(f"/imports/{first['id']}/undo")
    assert (second.status_code, second.json()["code"]) == (409, "import_not_done")
    once_more = (await done(base, await send(base, csv_of(STEEL, WOOD))))["report"]
    assert [once_more[name] for name in ("imported", "unchanged", "failed")] == [1, 1, 0]
    assert await names(base, once_more["position"]) == ["Woodworks", STEEL[0]]


async def test_a_killed_import_goes_on_where_it_was(base: Api, services: Services) -> None:
    rows = [(f"Firm {number}", "", "", "") for number in range(3_000)]
    mapping = MAPPING.replace('["Firm", "Phone"]', '"Firm"')
    answer = await send(base, csv_of(*rows), mapping)
    path = answer.headers["Location"].removeprefix(BASE)
    async with asyncio.timeout(60):
        while (await base.get(path)).json()["done"] < 100 or not (children := importing()):  # noqa: ASYNC110 - as somebody would look
            await asyncio.sleep(0.02)
    for child in children:
        child.kill()
        child.wait()
    async with services.engine.begin() as connection:
        await connection.execute(update(jobs).values(seen_at=func.now() - 2 * DEAD_AFTER))
    found = await ended(base, path, "state")
    report = found["report"]
    assert [report[name] for name in ("rows", "imported", "unchanged", "failed")] == [3_000, 3_000, 0, 0]
    assert len(set(await all_ids(base, report["position"]))) == 3_000


def importing() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "app.jobs.process" in " ".join(child.cmdline())]


async def all_ids(api: Api, after: int) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await api.get("/clients", after=after, limit=200, **cursor)).json()
        found += [item["id"] for item in page["items"]]
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


def workbook(**options: Any) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in options.get("rows", (HEADER, WOOD)):
        sheet.append(row)
    book.save(file)
    return file.getvalue()


async def test_a_workbook_goes_in(base: Api) -> None:
    report = (await done(base, await send(base, workbook())))["report"]
    assert report["imported"] == 1


@pytest.mark.parametrize(
    ("file", "mapping", "field", "reason"),
    [
        (b"", MAPPING, "file", "list, line 1: is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MAPPING, "file", "is no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", MAPPING, "file", "password"),
        (b"PK\x03\x04 broken", MAPPING, "file", "is no workbook that can be read"),
        (b",".join(b"c%d" % n for n in range(3_000)), MAPPING, "file", "has 3,000 columns"),
        (csv_of(WOOD), MAPPING.replace('"Mail"', '"E-mail"'), "file", "has no column 'E-mail'"),
        (csv_of(WOOD), MAPPING.replace("phones", "fones"), "mapping", "card.fones has no meaning for leads"),
        (csv_of(WOOD), "= [", "mapping", "Invalid"),
        (csv_of(WOOD), '{"kind": 5', "mapping", "line 1"),
        (csv_of(WOOD), "no_such_mapping", "mapping", "no shipped mapping of that name"),
    ],
)
async def test_a_file_that_cannot_be_imported(base: Api, file: bytes, mapping: str, field: str, reason: str) -> None:
    answer = await send(base, file, mapping)
    assert (answer.status_code, answer.json()["code"]) == (422, "import_not_usable"), answer.text
    assert answer.json()["facts"]["field"] == field
    assert reason in answer.json()["facts"]["reason"]
    assert "/tmp" not in answer.text
    assert (await base.get("/imports")).json()["items"] == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"kind": "people"}, "kind"),
        ({"dry_run": "maybe"}, "dry_run"),
        ({"dryrun": "true"}, "dryrun"),
        ({"mapping": ""}, "mapping"),
    ],
)
async def test_a_form_that_is_wrong(base: Api, form: dict[str, str], field: str) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    data = {"mapping": MAPPING} | form
    answer = await base.http.post(f"{BASE}/imports", headers=headers, data=data, files={"file": csv_of(WOOD)})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


async def test_the_same_request_begins_one(base: Api) -> None:
    first, again, other = [await send(base, csv_of(row), key="k") for row in (WOOD, WOOD, PIPES)]
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert other.json()["code"] == "key_reused"
    await done(base, first)


async def test_who_may(base: Api, staff: Staff, nobody: Api) -> None:
    await staff.hire("seller", Role.CLOSING_MANAGER)
    seller = await staff.api("seller")
    assert (await send(seller, csv_of(WOOD))).json()["code"] == "forbidden"
    assert (await seller.get("/imports")).status_code == 403
    assert (await nobody.post("/imports")).status_code == 401
    for path in ("", "/errors", "/rows"):
        assert (await base.get(f"/imports/{uuid4()}{path}")).status_code == 404
    assert (await base.post(f"/imports/{uuid4()}/undo")).status_code == 404


async def test_what_is_too_large_is_refused_unread(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}", "Content-Length": "200000000"}
    answer = await base.http.post(f"{BASE}/imports", headers=headers, content=b"")
    assert (answer.status_code, answer.json()["facts"]) == (413, {"limit": 105_000_000})
