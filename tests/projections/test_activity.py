"""Activity: what kind of work a contact was, and how far scripts were followed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.playbook import ScriptUse
from domain.types import Channel
from projections.activity import CLIENTS, CONTACTS, IS_COLD_CALL, IS_FIRST, ActivityView
from projections.period import Period
from projections.scripts_query import Conversations, VersionFigures, script_figures
from tests.projections.filled import fill_with
from tests.spec import CLIENT_ID, CLOSER, SELLER, Fact, at, day, recorded

VIEW = ActivityView()
FIRST, SECOND = UUID(int=1), UUID(int=2)


def contact(number: int, outcome: Outcome = Outcome.REACHED, **changes: Any) -> ContactRecorded:
    event = ContactRecorded(
        contact_id=UUID(int=number),
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        outcome=outcome,
        summary="Talked",
    )
    return event.model_copy(update=changes)


def rows(*history: Fact) -> dict[int, dict[str, Any]]:
    """The rows of a client's contacts, by the contacts' numbers."""
    found = [VIEW.grown(item)[CONTACTS] for item in recorded(history)]
    return {row[1].int: dict(zip(CONTACTS.c.keys(), row, strict=True)) for row in found}


async def kinds(engine: AsyncEngine, *history: Fact) -> tuple[list[int], list[int]]:
    """The numbers of the first contacts and of the cold calls."""
    await fill_with(engine, VIEW, [(CLIENT_ID, history)])
    query = select(CONTACTS.c.contact_id, IS_FIRST, IS_COLD_CALL).join(CLIENTS, CLIENTS.c.id == CONTACTS.c.client_id)
    async with engine.connect() as connection:
        found = (await connection.execute(query.order_by(CONTACTS.c.occurred_at))).all()
    return [key.int for key, first, _ in found if first], [key.int for key, _, cold in found if cold]


def test_who_had_the_contact_and_how_long_it_took() -> None:
    row = rows(at(day(1), contact(1, duration_minutes=12), CLOSER))[1]
    assert (row["client_id"], row["employee_id"], row["occurred_at"]) == (CLIENT_ID, CLOSER.id, day(1))
    assert (row["channel"], row["outcome"], row["minutes"], row["reached"]) == ("phone", "reached", 12, True)


async def test_calls_are_cold_until_somebody_was_spoken_to(engine: AsyncEngine) -> None:
    found = await kinds(
        engine,
        at(day(1), contact(1, Outcome.NO_ANSWER)),
        at(day(2), contact(2, Outcome.NO_ANSWER, direction=Direction.INBOUND)),
        at(day(3), contact(3, Outcome.OTHER, channel=Channel.EMAIL)),
        at(day(4), contact(4)),
        at(day(5), contact(5)),
    )
    assert found == ([1], [1, 4])


async def test_a_contact_logged_late_takes_its_place_by_business_time(engine: AsyncEngine) -> None:
    assert await kinds(engine, at(day(5), contact(1)), at(day(3), contact(2))) == ([2], [2])


@pytest.mark.parametrize(
    ("channel", "outcome", "met"),
    [
        (Channel.OFFICE_MEETING, Outcome.REACHED, True),
        (Channel.SITE_VISIT, Outcome.REFUSED, True),
        (Channel.SITE_VISIT, Outcome.NO_ANSWER, False),
        (Channel.PHONE, Outcome.MEETING_AGREED, False),
    ],
)
def test_what_counts_as_a_meeting(channel: Channel, outcome: Outcome, met: bool) -> None:
    assert rows(at(day(1), contact(1, outcome, channel=channel)))[1]["meeting"] is met


def followed(
    number: int, script: UUID, version: int, *steps: str, broke_off_at: str | None = None, **changes: Any
) -> ContactRecorded:
    use = ScriptUse(script_id=script, version=version, steps_passed=steps, broke_off_at=broke_off_at)
    return contact(number).model_copy(update={"script": use, **changes})


CONVERSATIONS = [
    at(day(1), followed(1, FIRST, 1, "opening", broke_off_at="need", outcome=Outcome.REFUSED)),
    at(day(2), followed(2, FIRST, 1, "opening", "need", outcome=Outcome.MEETING_AGREED)),
    at(day(3), followed(3, FIRST, 1, broke_off_at="opening", outcome=Outcome.REFUSED), CLOSER),
    at(day(4), followed(4, FIRST, 2, "opening", "need", channel=Channel.MESSENGER)),
    at(day(5), followed(5, SECOND, 1)),
    at(day(6), contact(6)),
]


class TestScriptFigures:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await fill_with(engine, VIEW, [(CLIENT_ID, CONVERSATIONS)])

    async def figures(self, engine: AsyncEngine, **wanted: Any) -> list[VersionFigures]:
        async with engine.connect() as connection:
            return await script_figures(connection, Conversations(**wanted))

    async def test_where_conversations_break_off(self, engine: AsyncEngine) -> None:
        first, second, other = await self.figures(engine)
        assert (first.script_id, first.version, first.conversations, first.completed) == (FIRST, 1, 3, 1)
        assert first.outcomes == {"refused": 2, "meeting_agreed": 1}
        steps = {key: (step.reached, step.broke_off, step.outcomes) for key, step in first.steps.items()}
        assert steps == {
            "opening": (3, 1, {"refused": 2, "meeting_agreed": 1}),
            "need": (2, 1, {"refused": 1, "meeting_agreed": 1}),
        }
        assert (second.version, second.steps["need"].reached, second.completed) == (2, 1, 1)
        assert (other.script_id, other.conversations, dict(other.steps)) == (SECOND, 1, {})

    @pytest.mark.parametrize(
        ("wanted", "counts"),
        [
            ({"script_id": SECOND}, [1]),
            ({"employee_id": CLOSER.id}, [1]),
            ({"employee_id": SELLER.id}, [2, 1, 1]),
            ({"channel": Channel.MESSENGER}, [1]),
            ({"period": Period(day(2), day(3))}, [1]),
            ({"period": Period(datetime(2000, 1, 1, tzinfo=day(0).tzinfo), day(1))}, []),
        ],
    )
    async def test_filters(self, engine: AsyncEngine, wanted: dict[str, Any], counts: list[int]) -> None:
        assert [each.conversations for each in await self.figures(engine, **wanted)] == counts
