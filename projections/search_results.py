"""What was found for each search assignment, from the counters of conversion."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from projections.conversion import CONVEYOR
from projections.conversion_facts import Question, sums


class Found(NamedTuple):
    """Leads registered for an assignment; of these, brought to account service, and lost on the way."""

    found: int = 0
    converted: int = 0
    lost: int = 0


NOTHING_FOUND = Found()


async def search_results(connection: AsyncConnection) -> dict[UUID, Found]:
    """What was found, by assignment."""
    rows: Sequence[Any] = (await connection.execute(sums(Question(by="search_assignment")))).all()
    return {
        UUID(value): Found(int(entered), int(converted), int(lost))
        for value, step, entered, converted, lost, *_ in rows
        if value and step == CONVEYOR
    }
