"""What the columns of a list seem to be, for a front end that proposes a mapping."""

import json
from pathlib import Path

import pytest

from app.api import BASE
from app.importer import guessing
from app.importer.guessing import guess
from app.services import Services
from tests.app.api.conftest import Api
from tests.app.api.lists import done, send


async def test_columns_are_guessed(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    header = "Наименование;Моб. телефон;Контакт;ИНН/КПП;Город;Цвет"
    table = f"{header}\nЛес;+7 912 111-22-33;a@les.example;7707083893;Пермь;синий"
    files = {"file": ("Выставка 2026.csv", table.encode("cp1251"))}
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, files=files)
    found = answer.json()
    fields = {column["name"]: column["field"] for column in found["columns"]}
    assert fields == {
        "Наименование": "name",
        "Моб. телефон": "phones",
        "Контакт": "emails",
        "ИНН/КПП": "tax_id",
        "Город": "region",
        "Цвет": None,
    }
    assert found["columns"][5]["values"] == ["синий"]
    assert found["missing"] == []
    report = (await done(base, await send(base, table.encode("cp1251"), json.dumps(found["mapping"]))))["report"]
    assert (report["imported"], report["failed"]) == (1, 0)


async def test_contact_source_and_turnover_are_guessed(base: Api, services: Services) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    table = (
        'Компания,ИНН,Контактное лицо,Телефоны,Источник,"Оборот, руб."\n'
        'Лес,7707083893,Анна,"+7 912 111-22-33, 8 (343) 222-33-44",Выставка,"1 200 000,50"\n'
        'Луг,5406570716,Олег,"+7 912 555-66-77, доб. 12",рекомендация,300\n'
    )
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, files={"file": ("a.csv", table.encode())})
    found = answer.json()
    assert [column["field"] for column in found["columns"]] == [
        "name",
        "tax_id",
        "contact_person",
        "phones",
        "origin",
        "turnover",
    ]
    assert (found["mapping"]["keys"], found["missing"]) == ({"lead": ["ИНН"]}, [])
    report = (await done(base, await send(base, table.encode(), json.dumps(found["mapping"]))))["report"]
    assert (report["imported"], report["failed"]) == (2, 0)
    listed = (await base.get("/clients", after=await services.store.head())).json()["items"]
    cards = {card["name"]: card for card in [(await base.get("/clients/" + item["id"])).json() for item in listed]}
    wood, meadow = cards["Лес"], cards["Луг"]
    assert wood["phones"] == ["+7 912 111-22-33", "8 (343) 222-33-44"]
    assert (wood["origin"], wood["turnover"], wood["currency"]) == ("exhibition", "1200000.50", "RUB")
    assert wood["attributes"] == {"contact_person": "Анна"}
    assert (meadow["phones"], meadow["origin"]) == (["+7 912 555-66-77, доб. 12"], "referral")


@pytest.mark.parametrize(
    ("header", "row", "field"),
    [("Company;Contact name", "Wood;Ann", "contact_person"), ("Firm;Lead source", "Wood;Trade fair", "origin")],
    ids=["contact", "source"],
)
async def test_english_headers(base: Api, header: str, row: str, field: str) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    files = {"file": ("a.csv", f"{header}\n{row}\n".encode())}
    found = (await base.http.post(f"{BASE}/imports/columns", headers=headers, files=files)).json()
    assert [column["field"] for column in found["columns"]] == ["name", field]
    assert found["mapping"]["keys"] == {"lead": [header.split(";", maxsplit=1)[0]]}


async def test_columns_of_the_same_name_are_left_out_of_the_guess(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    table = "Код,Компания,Телефон,Телефон,Почта,Код\n1,Лес,+7 912 111-22-33,+7 912 111-22-34,a@les.example,2"
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, files={"file": ("a.csv", table.encode())})
    found = answer.json()
    assert [column["field"] for column in found["columns"]] == [None, "name", None, None, "emails", None]
    assert (found["mapping"]["keys"], found["missing"]) == ({"lead": ["Компания"]}, [])
    report = (await done(base, await send(base, table.encode(), json.dumps(found["mapping"]))))["report"]
    assert (report["imported"], report["failed"]) == (1, 0)


async def test_a_tax_id_tells_rows_apart_only_where_every_row_has_one(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    rows = [f"Firm {'x' * number};{7_000_000_000 + number}" for number in range(25)]
    for last, key in (("Wood;7707083893", "INN"), ("Wood;", "Firm"), ("Wood", "Firm")):
        table = "\n".join(["Firm;INN", *rows, last]).encode()
        files = {"file": ("a.csv", table)}
        found = (await base.http.post(f"{BASE}/imports/columns", headers=headers, files=files)).json()
        assert found["mapping"]["keys"] == {"lead": [key]}


def test_of_a_file_longer_than_what_is_looked_at_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Firm;INN\nWood;7707083893\nMeadow;5406570716\n")
    assert guess(path, path.name).mapping["keys"] == {"lead": ["INN"]}
    monkeypatch.setattr(guessing, "MOST_ROWS", 1)
    assert guess(path, path.name).mapping["keys"] == {"lead": ["Firm"]}


async def test_a_turnover_without_a_currency_misses_one(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    files = {"file": ("a.csv", b"Firm;Turnover\nWood;10\n")}
    found = (await base.http.post(f"{BASE}/imports/columns", headers=headers, files=files)).json()
    assert found["missing"] == ["card.currency"]


@pytest.mark.parametrize(
    "header",
    [
        "Оборот, млн руб.",
        "Оборот (тыс.)",
        "Выручка, т.р.",
        "Turnover, k EUR",
        "Revenue in millions",
        "turnover_mln_eur",
        "Turnover KUSD",
        "Revenue EURm",
        "Sales '000 EUR",
        "Sales, EUR 10^6",
    ],
)
async def test_a_turnover_that_is_not_in_ones_is_mapped_to_nothing(base: Api, header: str) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    table = f'Firm,"{header}"\nWood,1200000000\n'.encode()
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, files={"file": ("a.csv", table)})
    found = answer.json()
    assert ([column["field"] for column in found["columns"]], found["missing"]) == (["name", None], ["card.turnover"])
    assert found["mapping"]["card"].keys() == {"name", "origin"}


@pytest.mark.parametrize(
    "header", ["Оборот в т.ч. НДС, руб.", "Выручка на сотрудника, руб.", "Revenue 2000, EUR", "Annual turnover (USD)"]
)
def test_a_turnover_in_ones_is_guessed(tmp_path: Path, header: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f'Firm,"{header}"\nWood,1200\n', encoding="utf-8")
    found = guess(path, path.name)
    assert (found.mapping["card"]["turnover"], found.missing) == (header, [])


async def test_a_source_that_is_not_known_is_missing_and_no_row_gets_another(base: Api, services: Services) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    table = "Фирма;Источник\nЛес;Выставка\nЛуг;Листовка\nДол;\nБор;radio\n".encode()
    files = {"file": ("a.csv", table)}
    found = (await base.http.post(f"{BASE}/imports/columns", headers=headers, files=files)).json()
    origin = {"column": "Источник", "values": {"Выставка": "exhibition"}, "default": "unknown"}
    assert (found["mapping"]["card"]["origin"], found["missing"]) == (origin, ["card.origin.values.Листовка"])
    report = (await done(base, await send(base, table, json.dumps(found["mapping"]))))["report"]
    assert [(error["line"], error["field"]) for error in report["errors"]] == [(3, "Источник")]
    hint = "; say in the mapping, under card.origin.values, which of our words it is (was 'Листовка')"
    assert report["errors"][0]["reason"].endswith(hint)
    listed = (await base.get("/clients", after=await services.store.head())).json()["items"]
    assert {item["name"]: item["origin"] for item in listed} == {"Лес": "exhibition", "Дол": "unknown", "Бор": "radio"}


def test_a_source_that_begins_empty_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Firm;Source\nWood;\n")
    found = guess(path, path.name)
    assert (found.mapping["card"]["origin"]["column"], found.missing) == ("Source", [])


async def test_columns_of_what_is_no_table(base: Api) -> None:
    headers = {"Authorization": f"Bearer {base.token}"}
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, files={"file": b"\0\1\2"})
    assert answer.json()["code"] == "import_not_usable"
    answer = await base.http.post(f"{BASE}/imports/columns", headers=headers, data={"file": "text"})
    assert list(answer.json()["errors"]) == ["file"]
