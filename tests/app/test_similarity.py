"""How alike two clients are."""

from uuid import UUID

import pytest

from app.similarity import Likeness, by_key, by_name, name_score
from projections.duplicates import Identity

ONE, OTHER = UUID(int=1), UUID(int=2)
STEEL = Identity(ONE, "ООО «Северная сталь»", "Ural", "7707083893", ("8 495 123-45-67",), ("a@steel.example",))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Identity(OTHER, "Another", tax_id="ИНН 7707083893 / 770701001"), Likeness(1.0, "tax_id")),
        (Identity(OTHER, "Another", phones=("+7 (495) 1234567",)), Likeness(0.95, "phone")),
        (Identity(OTHER, "Another", emails=("A@Steel.example",)), Likeness(0.95, "email")),
        (Identity(OTHER, "Сталь Северная, АО", site="https://www.steel.example/"), Likeness(0.9, "domain")),
        (Identity(OTHER, "Кафе Ромашка", site="https://www.steel.example/"), None),
        (Identity(OTHER, "ООО «Северная сталь»", "Altai", phones=("8 812 123-45-67",)), None),
        (Identity(OTHER, "Сталь Северная, АО", "ural", phones=("8 812 123-45-67",)), Likeness(1.0, "name")),
        (Identity(OTHER, "Севреная сталь", "Ural"), Likeness(0.9286, "name")),
        (Identity(OTHER, "Севреная сталь", "Altai"), None),
        (Identity(OTHER, "Северная звезда", "Ural"), None),
        (Identity(OTHER), None),
    ],
)
def test_by_key(other: Identity, expected: Likeness | None) -> None:
    assert by_key(STEEL, other, "RU") == expected
    assert by_key(other, STEEL, "RU") == expected


def test_clients_without_any_key_share_none() -> None:
    assert by_key(Identity(ONE), Identity(OTHER), "RU") is None


@pytest.mark.parametrize(
    ("name", "region", "expected"),
    [
        ("АО Северная Сталь", "URAL", 1.0),
        ("Сталь Северная", None, 0.95),
        ("Северная сталь", "Altai", 0.85),
    ],
)
def test_by_name_and_region(name: str, region: str | None, expected: float) -> None:
    assert by_name(STEEL, Identity(OTHER, name, region)) == Likeness(expected, "name")


def test_a_typing_error_costs_little_and_another_number_all() -> None:
    assert name_score("северная сталь", "северная стль") > 0.85
    assert name_score("арматура урала", "рарматура урала") > 0.95, "though another word comes first by alphabet"
    assert name_score("сталь северная", "северная сталь") == 1
    assert name_score("школа 12", "школа 12") == 1
    assert name_score("школа 12", "школа 15") == 0
