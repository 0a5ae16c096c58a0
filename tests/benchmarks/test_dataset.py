"""The histories that the benchmarks measure on."""

from tests.benchmarks.dataset import live


def test_they_follow_the_rules_and_are_always_the_same() -> None:
    lives = [live(number) for number in range(30)]
    assert lives == [live(number) for number in range(30)]
    assert sum(len(events) for _, lived in lives for _, events in lived) > 100
