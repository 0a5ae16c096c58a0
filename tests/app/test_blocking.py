"""Pairs with names alike, found without comparing each with each."""

from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import blocking
from app.blocking import LEAST_SCORE, Named, alike, named
from app.similarity import name_score, region_weight

REGIONS = (None, "altai", "ural")


def clients(*names: str, region: str | None = "ural") -> list[Named]:
    return [named(UUID(int=number), name, region) for number, name in enumerate(names)]


def found(base: list[Named]) -> dict[tuple[int, int], float]:
    pairs = alike(base, lambda _: None)
    return {(pair.client_id.int, pair.other_id.int): pair.score for pair in pairs}


def test_one_mistake_does_not_hide_a_pair() -> None:
    assert found(clients("северная сталь", "зеверная сталь", "северная сталл", "сталь северна")) == {
        (0, 1): 0.9286,
        (0, 2): 0.9286,
        (0, 3): 0.963,
        (1, 2): 0.8571,
        (1, 3): 0.8889,
        (2, 3): 0.8889,
    }


def test_another_number_is_another_client() -> None:
    assert found(clients("детскии сад 12", "детскии сад 13", "сад детскии 12")) == {(0, 2): 1.0}


def test_a_rare_word_finds_across_regions() -> None:
    base = [named(UUID(int=1), "ромашка", "ural"), named(UUID(int=2), "ромашка", "altai")]
    assert found(base) == {(1, 2): 0.85}


def test_clients_without_a_name_are_not_alike() -> None:
    assert not found(clients("", ""))


def test_progress_comes_to_each_client_in_each_pass() -> None:
    told = list[int]()
    list(alike(clients("a b", "a c", "d"), told.append))
    assert sum(told) == 3 * 3


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.text("абвг 12", min_size=1, max_size=12).map(lambda text: " ".join(text.split())), max_size=25),
    regions=st.lists(st.sampled_from(REGIONS), min_size=25, max_size=25),
)
def test_in_a_small_base_every_pair_of_a_region_is_found(names: list[str], regions: list[str | None]) -> None:
    base = [
        named(UUID(int=number), name, region) for number, (name, region) in enumerate(zip(names, regions, strict=False))
    ]
    expected: dict[tuple[int, int], float] = {}
    for one, other in combinations([client for client in base if client.name], 2):
        score = round(name_score(one.name, other.name) * region_weight(one.region, other.region), 4)
        if one.region == other.region and score >= LEAST_SCORE:
            expected[one.id.int, other.id.int] = score
    pairs = found(base)
    assert expected.items() <= pairs.items()
    assert all(score >= LEAST_SCORE for score in pairs.values())


def test_a_large_region_is_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "LARGEST_BLOCK", 4)
    letters = "абвгдежзик"
    base = clients(*(f"{letter * 6}ова" for letter in letters), "ззззззоа")
    assert (letters.index("з"), 10) in found(base)


def test_names_all_alike_are_compared_with_their_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "LARGEST_BLOCK", 4)
    monkeypatch.setattr(blocking, "RARE_WORD", 4)
    monkeypatch.setattr(blocking, "NEIGHBOURS", 2)
    pairs = found(clients(*["северная сталь"] * 10))
    assert len(pairs) == 9 + 8
