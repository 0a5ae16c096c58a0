"""Mapping files: what they may say, and what is said of those that cannot be used."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app.importer.cells import Cell, Formats, template_parts
from app.importer.mapping import SHIPPED, Kind, find_mapping, load_mapping
from app.importer.problems import MappingError, Rejected
from tests.app.importer.conftest import Firm
from tests.app.importer.files import LEADS, lead

PLACES = {"a": 0, "b": 1}


def mapping_of(path: Path, text: str, kind: Kind = "leads"):
    file = path / "mapping.toml"
    file.write_text(text)
    return load_mapping(file, kind)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_mappings_load(path: Path):
    kind = path.stem.split("_")[1]
    assert load_mapping(path, kind).kind == kind  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("kind =", "kind ="), ""),
        (('kind = "leads"', 'kind = "orders"'), "lead.registered_at has no meaning for orders; known: none"),
        (('"own"', '"Own System"'), "source"),
        (("lead = { registered", "deal = { registered"), "deal.registered_at has no meaning for leads"),
        (('name = "name", ', ""), "card.name is missing"),
        (('"name"', "{ column = 'a', constant = 'b' }"), "give one of column, constant and template"),
        (('"name"', "{ template = 'Lead {id!r}' }"), "use {column} or {column:.8}"),
        (('"name"', "{ template = 'Lead {id' }"), "expected '}'"),
        (('"name"', "{ column = 'a', colour = 'b' }"), "Extra inputs"),
        (("keys =", "time_zone = 'Moscow'\nkeys ="), "time_zone 'Moscow' is not an IANA time zone"),
        (("keys =", "encoding = 'utf-9'\nkeys ="), "encoding 'utf-9' is not known"),
        (("keys =", "encoding = 'base64'\nkeys ="), "encoding 'base64' is not known"),
        (("keys =", "encoding = 'undefined'\nkeys ="), "encoding 'undefined' is not known"),
        (("keys =", "encoding = 'idna'\nkeys ="), "encoding 'idna' is not known"),
        (("keys =", "encoding = 'raw_unicode_escape'\nkeys ="), "encoding 'raw_unicode_escape' is not known"),
        (("keys =", "encoding = ''\nkeys ="), "encoding '' is not known"),
        (("keys =", "delimiter = '\"'\nkeys ="), "cannot part columns"),
        (("keys =", f"x = {'[' * 10_000}\nkeys ="), "is nested too deeply"),
        (("keys =", f"# {'x' * 1_000_000}\nkeys ="), "is longer than 1,000,000 bytes"),
        (("keys =", "date_format = '%d.%q'\nkeys ="), "date_format '%d.%q' is not a format of dates"),
        (("keys =", "date_format = 'DD.MM.YYYY'\nkeys ="), "date_format 'DD.MM.YYYY' is not a format of dates"),
        (("keys =", "decimal_separator = ';'\nkeys ="), "decimal_separator is a point or a comma"),
        (("keys =", "keys"), "line"),
        (("keys =", "attributes.x = { column = 'a', kind = 'choice' }\nkeys ="), "has choices"),
    ],
)
def test_a_mapping_that_cannot_be_used(tmp_path: Path, change: tuple[str, str], message: str):
    text = LEADS.replace(*change)
    if not message:
        assert mapping_of(tmp_path, text).columns == ("id", "date", "name")
        return
    with pytest.raises(MappingError) as caught:
        mapping_of(tmp_path, text)
    assert "mapping.toml: " in str(caught.value)
    assert message in str(caught.value)


def test_a_mapping_of_another_kind_of_file(tmp_path: Path):
    with pytest.raises(MappingError, match="is a mapping of leads, not of deals"):
        mapping_of(tmp_path, LEADS, "deals")


def test_a_mapping_is_found_by_its_path_or_as_a_shipped_one(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.touch()
    assert find_mapping(str(own)) == own
    assert find_mapping("olist_leads") == SHIPPED / "olist_leads.toml"


def test_no_such_mapping():
    with pytest.raises(MappingError, match=r"nowhere: no such mapping.*olist_deals, olist_leads, olist_orders"):
        find_mapping("nowhere")


async def test_an_attribute_of_another_kind_in_the_regulation(firm: Firm):
    await firm.imports("leads", lead())
    own = firm.folder / "own.toml"
    own.write_text(LEADS + "attributes = { landing_page_id = { column = 'name', kind = 'number' } }")
    file = firm.folder / "own.csv"
    file.write_text("id,date,name\n1,2024-03-01,One\n")
    with pytest.raises(MappingError, match=r"attributes.landing_page_id: the regulation declares it as text"):
        await firm.imports_file("leads", file, own)


async def test_lists_numbers_dates_and_words_of_the_file(firm: Firm):
    own = firm.folder / "own.toml"
    own.write_text(
        """
        kind = "leads"
        source = "olist"
        date_format = "%d.%m.%Y"
        time_zone = "Europe/Moscow"
        decimal_separator = ","
        keys = { lead = "Код" }
        lead = { registered_at = "Дата" }
        [card]
        name = "Имя"
        origin = { column = "Источник", values = { "Выставка" = "exhibition", "нет" = "" }, default = "other" }
        phones = "Телефон"
        turnover = "Оборот"
        currency = { constant = "RUB" }
        [attributes]
        founded = { column = "Основана", kind = "date" }
        staff = { column = "Штат", kind = "number" }
        """
    )
    file = firm.folder / "own.csv"
    file.write_text(
        "Код;Дата;Имя;Источник;Телефон;Оборот;Основана;Штат\n"
        "lead1;02.03.2024;Ромашка;Выставка;+7 495 1;1 200 000,50;01.09.1999;12\n"
        "lead2;02.03.2024;Лютик;нет;;;;\n"
    )
    report = await firm.imports_file("leads", file, own)
    assert report.imported == 2
    client = await firm.client()
    assert client.registration.registered_at == datetime(2024, 3, 1, 21, tzinfo=UTC)
    assert (client.card.name, client.card.origin, client.card.phones) == ("Ромашка", "exhibition", ("+7 495 1",))
    assert (str(client.card.turnover), client.card.currency) == ("1200000.50", "RUB")
    assert client.card.attributes == {"founded": "1999-09-01", "staff": "12"}
    assert (await firm.client("lead2")).card.origin == "other"


async def test_a_turnover_without_a_currency_is_named_by_its_column(firm: Firm):
    own = firm.folder / "own.toml"
    own.write_text(LEADS.replace('name = "name"', 'name = "name", turnover = "Оборот"'))
    file = firm.folder / "own.csv"
    file.write_text("id,date,name,Оборот\n1,2024-03-01,One,1000\n2,2024-03-01,Two,\n")
    report = await firm.imports_file("leads", file, own)
    assert [(error.line, error.field, error.reason.split(":")[0]) for error in report.errors] == [
        (2, "Оборот", "currency_required")
    ]


@pytest.mark.parametrize(
    "date_format", ["%d.%m.%Y", "%d/%m/%y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%d %b %Y %Z", "%m.%Y", None]
)
def test_formats_of_dates(date_format: str | None):
    assert Formats(date_format=date_format).reads_dates


@pytest.mark.parametrize("date_format", ["yyyy-mm-dd", "x", "%d.%m", "%H:%M", "%%d", "%Y-%M-%d", "%Y"])
def test_texts_without_a_whole_date_are_no_formats_of_dates(date_format: str):
    assert not Formats(date_format=date_format).reads_dates


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (Cell(column="a"), "cat, wolf"),
        (Cell(column="a", first_of=","), "cat"),
        (Cell(column="b", default="none"), "none"),
        (Cell(column="a", values={"cat, wolf": "both"}), "both"),
        (Cell(column="a", values={"Cat, Wolf": "any case", "CAT, WOLF": "the last"}), "the last"),
        (Cell(constant="МОЙ", values={"Мой": "mine", "мои": "ours"}), "mine"),
        (Cell(column="b", values={"": "none"}), "none"),
        (Cell(constant="x"), "x"),
        (Cell(template="{a:.3} and {b}{{}}"), "cat and {}"),
    ],
)
def test_a_cell(cell: Cell, value: str):
    assert cell.getter(PLACES)([" cat, wolf ", ""]) == value


def test_the_columns_of_a_template():
    assert [column for _, column, _ in template_parts("{Имя клиента}, {a.b:.2}!")] == ["Имя клиента", "a.b", None]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-01", datetime(2024, 6, 30, 21, tzinfo=UTC)),
        ("2024-07-01 10:00", datetime(2024, 7, 1, 7, tzinfo=UTC)),
        ("2024-07-01T10:00:00+01:00", datetime(2024, 7, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_the_zone_of_the_mapping_unless_it_says_its_own(text: str, moment: datetime):
    assert Formats(time_zone="Europe/Moscow").moment(text, "a") == moment


def test_days_and_numbers():
    formats = Formats(date_format="%d/%m/%y", decimal_separator=",")
    assert formats.day("31/12/24", "a") == date(2024, 12, 31)
    assert formats.number("1\u00a0234,5") == "1234.5"
    assert Formats().number("1 234.5") == "1234.5"
    with pytest.raises(Rejected, match=r"a: wrong_date: '32/12/24' is not a date of the form %d/%m/%y"):
        formats.day("32/12/24", "a")
