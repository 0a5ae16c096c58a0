"""Phone numbers and tax ids, checked by their countries."""

import pytest

from app.identity import Doubt, country_of, doubts, e164, same_phone, tax_id_fits


@pytest.mark.parametrize(
    ("phone", "region", "expected"),
    [
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("+7 495 123 45 67", "BG", "+74951234567"),
        ("0888 123 456", "BG", "+359888123456"),
        ("+359 (888) 123-456 ext. 7", "RU", "+359888123456"),
        ("030 123456", "DE", "+4930123456"),
        ("12", "RU", None),
        ("call Anna", "RU", None),
    ],
)
def test_phones_in_one_spelling(phone: str, region: str, expected: str | None) -> None:
    assert e164(phone, region) == expected


def test_the_same_number_however_it_is_dialled() -> None:
    assert same_phone("8 495 123-45-67", "+7 (495) 1234567", "RU")
    assert not same_phone("8 495 123-45-67", "8 812 123-45-67", "RU")


def test_what_is_no_number_is_compared_by_digits() -> None:
    assert same_phone("00-12345", "0012 345", "RU")
    assert not same_phone("1 2", "12", "RU")


@pytest.mark.parametrize(
    ("tax_id", "region", "expected"),
    [
        ("7707083893", "RU", True),
        ("500100732259", "RU", True),
        ("7707083894", "RU", False),
        ("RU 7707083893", "BG", True),
        ("175074752", "BG", True),
        ("BG175074752", "RU", True),
        ("BG175074753", "RU", False),
        ("BG1750747520123", "RU", True),
        ("DE136695976", "RU", True),
        ("DE136695977", "RU", False),
        ("ATU13585627", "RU", True),
        ("EL 094259216", "RU", True),
        ("anything 1", "US", True),
    ],
)
def test_tax_ids_by_their_country(tax_id: str, region: str, expected: bool) -> None:
    assert tax_id_fits(tax_id, region) is expected


def test_the_country_is_named_or_else_the_default() -> None:
    assert country_of("BG175074752", "RU") == "BG"
    assert country_of("EL094259216", "RU") == "GR"
    assert country_of("7707083893", "RU") == "RU"


def test_doubts_name_their_fields() -> None:
    found = doubts("7707083894", ("8 495 123-45-67", "12345678901234567"), "RU")
    assert [(doubt.field, doubt.code) for doubt in found] == [
        ("tax_id", "tax_id_check_failed"),
        ("phones.1", "phone_not_possible"),
    ]
    assert isinstance(found[0], Doubt)
    assert doubts("7707083893", (), "RU") == doubts(None, (), "RU") == []
