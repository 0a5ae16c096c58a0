"""Keys do not differ where only the spelling does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.identity import (
    domain_of_email,
    domain_of_site,
    email_key,
    keys,
    name_key,
    phone_key,
    place_key,
    spelling,
    tax_key,
)


@pytest.mark.parametrize(
    "name",
    [
        "ООО «Северная Сталь»",
        "Северная сталь, ООО",
        "северная  сталь (О.О.О.)",
        "Общество с ограниченной ответственностью «Северная сталь»",
        "ПАО Северная Сталь",
    ],
)
def test_legal_forms_do_not_count_in_names(name: str) -> None:
    assert name_key(name) == "северная сталь"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Northern Steel GmbH & Co. KG", "northern steel"),
        ("Acme S.A.", "acme"),
        ("Ромашка-2 ЕООД", "ромашка 2"),
        ("ИП Ёлкин", "елкин"),
        ("Ltd", "ltd"),
        ("Limited Brands Inc.", "brands"),
        ("", ""),
        (None, ""),
    ],
)
def test_names(name: str | None, expected: str) -> None:
    assert name_key(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Петров А.Д.", "петров ад"),
        ("Петров А. Д.", "петров ад"),
        ("А.Д. Петров", "ад петров"),
        ("А.Д.Петров", "ад петров"),
        ("А.Петров", "а петров"),
        ("ИП Петров А.Д.", "петров ад"),
        ("ИП Иванов И.П.", "иванов ип"),
        ("Петров-Водкин К.С.", "петров водкин кс"),
        ("КФХ Петров А.О", "кфх петров ао"),
        ("Ivanov A.D.", "ivanov ad"),
        ("Petrov A.S.", "petrov as"),
        ("petrov a.s.", "petrov as"),
        ("Петров а.д.", "петров ад"),
        ("А.Д.", "ад"),
    ],
)
def test_initials_of_a_person_are_a_word(name: str, expected: str) -> None:
    assert name_key(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("«Ромашка» А.Д.", "ромашка"),
        ('А.О. "Ромашка"', "ромашка"),
        ("Ромашка АД", "ромашка"),
        ("Ромашка, Е.О.О.Д.", "ромашка"),
        ("Acme Steel N.V.", "acme steel"),
        ("Acme S.p.A", "acme"),
        ("С.К.Б. Контур", "скб контур"),
        ("Т.Д. Ромашка", "тд ромашка"),
        ("Booking.com B.V.", "bookingcom"),
        ("Agrofert, a.s.", "agrofert"),
        ("Migros a. ş.", "migros"),
        ("Pliva d.d.", "pliva"),
        ("PLIVA D.D.", "pliva"),
        ("Acme L.P.", "acme"),
        ("J.p. Morgan", "jp morgan"),
        ("ооо_ромашка", "ромашка"),
    ],
)
def test_letters_with_dots_of_a_firm(name: str, expected: str) -> None:
    assert name_key(name) == expected


def test_persons_of_one_surname_have_other_keys() -> None:
    names = ("Петров А.Д.", "Петров А.О.", "Петров Е.Т.", "Петров")
    assert len({place_key(name, "Пермь") for name in names}) == len(names)
    assert place_key("Петров А.Д.", "Пермь") == place_key("ИП А. Д. Петров", "Пермь")


def test_a_word_in_the_middle_is_no_legal_form() -> None:
    assert name_key("Дом АД Мир") == "дом ад мир"


@pytest.mark.parametrize(
    ("tax_id", "expected"),
    [
        ("7707083893", "7707083893"),
        ("ИНН 7707083893", "7707083893"),
        ("7707083893 / 770701001", "7707083893"),
        ("BG 175074752", "175074752"),
        ("bg175074752", "175074752"),
        ("ATU 13585627", "U13585627"),
        ("12/345/67890", "1234567890"),
        ("—", None),
        (None, None),
    ],
)
def test_tax_ids(tax_id: str | None, expected: str | None) -> None:
    assert tax_key(tax_id) == expected


@pytest.mark.parametrize("phone", ["+7 (495) 123-45-67", "8 495 1234567", "495-123-45-67 доб. 12", "1234567 ext 3"])
def test_phones_end_alike(phone: str) -> None:
    assert phone_key(phone) == "1234567"


def test_too_short_a_number_is_no_key() -> None:
    assert phone_key("911") is None


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("https://www.Steel.example:8080/about?x=1", "steel.example"),
        ("steel.example", "steel.example"),
        ("сталь.рф", "xn--80awqe6c.xn--p1ai"),
        ("vk.com/steel", None),
        ("http://[bad", None),
        ("steel", None),
        (None, None),
    ],
)
def test_sites(site: str | None, expected: str | None) -> None:
    assert domain_of_site(site) == expected


def test_the_domain_of_an_address_is_the_firms_own_only() -> None:
    assert domain_of_email("info@Steel.example") == "steel.example"
    assert domain_of_email("steel@mail.ru") is None
    assert email_key(" Info@Steel.Example") == "info@steel.example"


def test_all_keys_of_a_client() -> None:
    found = keys("7707083893", ["+7 495 123-45-67", "8 (495) 123-45-67"], ["a@steel.example"], "www.steel.example")
    assert found == [
        ("domain", "steel.example"),
        ("email", "a@steel.example"),
        ("phone", "1234567"),
        ("tax_id", "7707083893"),
    ]


@st.composite
def typing_errors(draw: st.DrawFn) -> tuple[str, str]:
    """A name of one word, and the same with a letter changed, left out or put in, or two of them swapped."""
    name = draw(st.text("абвгд", min_size=6, max_size=12))
    at, letter = draw(st.integers(0, len(name) - 2)), draw(st.sampled_from("абвгд"))
    before, after = name[:at], name[at:]
    wrong = (letter + after[1:], after[1:], letter + after, after[1] + after[0] + after[2:])
    return name, before + draw(st.sampled_from(wrong))


@given(typing_errors())
def test_one_mistake_spoils_one_half_at_most(names: tuple[str, str]) -> None:
    right, wrong = (spelling(name, "урал") for name in names)
    assert right
    assert wrong
    halves = right.halves()
    assert halves
    assert any({near.start, near.end} & set(halves) for near in wrong.nearby)


def test_names_of_other_numbers_or_regions_have_no_half_in_common() -> None:
    found = [
        spelling(name, region) for name, region in (("школа 12", "урал"), ("школа 15", "урал"), ("школа 12", "пермь"))
    ]
    halves = [half for each in found if each and (both := each.halves()) for half in both]
    assert len(set(halves)) == 6


@pytest.mark.parametrize(("name", "region"), [("", "урал"), ("ромашка", None), ("ромашка", "")])
def test_without_a_name_or_a_region_there_is_nothing_to_compare(name: str, region: str | None) -> None:
    assert spelling(name, region) is None


def test_short_names_have_no_halves() -> None:
    short = spelling("луч", "урал")
    assert short
    assert short.halves() is None
    assert not short.nearby
