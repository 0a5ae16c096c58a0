"""Words to store and searches for them."""

import pytest

from projections.words import (
    attribute_word,
    distinct,
    plain,
    search_query,
    words_of_email,
    words_of_phone,
    words_of_text,
)


@pytest.mark.parametrize(
    ("text", "same"),
    [("ЁЛКА", "елка"), ("Éclair", "eclair"), ("STRASSE", "Straße"), ("Ｆull", "full")],
)
def test_case_and_diacritics_do_not_matter(text: str, same: str) -> None:
    assert plain(text) == plain(same)


def test_a_name_is_found_by_its_parts_and_as_a_whole() -> None:
    assert distinct(words_of_text("ООО «Ромашка-Плюс», 2")) == ["2", "ооо", "плюс", "ромашка", "ромашка-плюс"]


def test_a_phone_is_found_with_and_without_the_country() -> None:
    assert list(words_of_phone("+7 (495) 123-45-67")) == ["74951234567", "4951234567"]


def test_an_address_is_found_by_its_parts_but_not_by_com() -> None:
    words = distinct(words_of_email("Anna.Petrova@Acme.com"))
    assert {"anna.petrova@acme.com", "acme.com", "anna", "petrova", "acme"} <= set(words)
    assert "com" not in words


def test_long_words_are_cut_and_empty_ones_left_out() -> None:
    assert distinct(["", "x" * 500]) == ["x" * 100]


def test_long_values_of_attributes_stay_distinct() -> None:
    first, second = (attribute_word("size", "x" * 900 + end) for end in "ab")
    assert first != second
    assert distinct([first, second]) == sorted([first, second])


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Ромашка плюс", "('ромашка':* & 'плюс':*)"),
        ("+7 495 123-45-67", "('74951234567':* | '4951234567':*)"),
        ("84951234567", "(('84951234567':* | ('84951234567':* | '4951234567':*)))"),
        ("a@b.com", "('a@b.com':*)"),
        ("o'neil", "(('o''neil':* | ('o':* & 'neil':*)))"),
        ("«-»", None),
        ("", None),
    ],
)
def test_a_search_is_for_beginnings_of_words(text: str, query: str | None) -> None:
    assert search_query(text) == query
