"""Keys do not differ where only the spelling does."""

import pytest

from projections.identity import (
    domain_of_email,
    domain_of_site,
    email_key,
    keys,
    name_key,
    phone_key,
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
