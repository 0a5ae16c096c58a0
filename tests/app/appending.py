"""What the tests of the store append."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from app.store import Append, Appended, Idempotency
from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.client.deal_events import DealWon
from domain.kernel import Event
from domain.types import Channel, Step

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACTOR = UUID(int=7)


def deal_won(revenue: int = 100) -> DealWon:
    """An event without personal data."""
    return DealWon(deal_id=uuid4(), step=Step.FIRST_DEAL, revenue=Decimal(revenue), cost=Decimal(3), currency="EUR")


def contact(summary: str | None = "Asked for Ivan") -> ContactRecorded:
    """An event with personal data."""
    return ContactRecorded(
        contact_id=uuid4(),
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        outcome=Outcome.REACHED,
        summary=summary,
    )


def append_of(
    stream_id: UUID,
    *events: Event,
    after: Appended | None = None,
    expected_version: int | None = None,
    key: str | None = None,
) -> Append:
    """Append events to a stream: to a new one, to what was appended before, or at a version."""
    version = after.version if after else 0
    answer = Idempotency(key, b"request", "{} at {}".format) if key else None
    return Append(
        stream_id=stream_id,
        expected_version=version if expected_version is None else expected_version,
        previous_digest=after.digest if after else b"",
        facts=[(event, NOW) for event in events],
        actor=ACTOR,
        regulation_version=1,
        correlation_id=uuid4(),
        causation_id=None,
        recorded_at=datetime.now(UTC),
        idempotency=answer,
    )


def positions(appended: Iterable[Appended]) -> list[int]:
    """All positions of what was appended, in order."""
    return sorted(recorded.position for one in appended for recorded in one.recorded)
