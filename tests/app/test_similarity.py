"""How alike two clients are."""

from uuid import UUID

import pytest

from app.similarity import Likeness, by_key, by_name, mistyped, mistyped_names, name_score, same_client
from projections.duplicates import Identity
from projections.identity import name_key

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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО «Ромашка»", "Рамашка"),
        ("ООО «Ромашка»", "Ромакша"),
        ("ООО «Ромашка»", "Ромшка"),
        ("ООО «Ромашка»", "Рромашка"),
        ("Северная сталь", "Сталь северная"),
        ("Северная сталь", "Севернаясталь"),
        ("Северная сталь", "Севреная стапь"),
        ("Металлообработка", "Металобработка"),
        ("Johnson Metal Works", "Jonson Metal Works"),
    ],
)
def test_a_slip_is_seen(one: str, other: str) -> None:
    assert mistyped(name_key(one), name_key(other))
    assert mistyped(name_key(other), name_key(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ООО Строительная компания Якорь", "ООО Строительная компания Нева"),
        ("ООО Торговый дом Восток", "ООО Торговый дом Ростов"),
        ("ООО Торговый дом Вега", "ООО Торговый дом Верба"),
        ("АО Завод Металлист", "АО Завод Металлург"),
        ("ИП Иванов Сергей Петрович", "ИП Иванов Андрей Петрович"),
        ("ИП Иванов С. П.", "ИП Иванов С. М."),
        ("Johnson Metal Works", "Jackson Metal Works"),
        ("Северная торговая компания", "Северная топливная компания"),
        ("Торговый дом Ромашка", "Торговый дом Ромашка плюс"),
        ("Металлообработка", "Миталобработтка"),
    ],
)
def test_another_word_is_no_slip(one: str, other: str) -> None:
    assert not mistyped(name_key(one), name_key(other))
    assert not mistyped(name_key(other), name_key(one))


def test_names_with_slips_are_picked_out_of_many() -> None:
    others = {2: "торговыи дом восток", 5: "торговыи дом ростов", 9: "торговыи дом востог"}
    assert set(mistyped_names("торговыи дом восток", others)) == {2, 9}


STEELS = [Identity(OTHER, "Севреная сталь", "Ural", tax_id) for tax_id in (None, "7707083893", "7736050003")]


@pytest.mark.parametrize(
    ("other", "same"), list(zip(STEELS, (True, True, False), strict=True)), ids=["unknown", "the same", "another"]
)
def test_a_name_alone_tells_nothing_of_firms_with_tax_ids_of_their_own(other: Identity, same: bool) -> None:
    named = Identity(ONE, "Северная сталь", "Ural", "ИНН 7707083893")
    assert (same_client(named, other, "RU") is not None) == same
    assert same_client(named._replace(tax_id=None), other, "RU") == Likeness(0.9286, "name")
    assert by_key(named, other, "RU"), "it is listed all the same"


def test_another_key_says_more_than_tax_ids_that_differ() -> None:
    one, other = (Identity(key, "A", tax_id=f"770708389{key.int}", phones=("8 495 123-45-67",)) for key in (ONE, OTHER))
    assert same_client(one, other, "RU") == Likeness(0.95, "phone")
