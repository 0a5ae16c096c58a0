"""The histories that benchmarks measure on are made by the rules as they are."""

from tests.benchmarks.dataset import live


def test_clients_live_through_their_stories() -> None:
    stories = [live(number) for number in range(1, 31)]
    assert stories == [live(number) for number in range(1, 31)]
    topics = {event.topic for _, lived in stories for _, events in lived for event in events}
    assert {"clients.registered", "contacts.recorded", "handoffs.accepted", "deals.won"} <= topics
