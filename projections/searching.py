"""Searches by words in a view: few rows are looked up before anything is sorted."""

from uuid import UUID

from sqlalchemy import ARRAY, Column, ColumnElement, String, Uuid, any_, cast, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

FEW = 1000
"""So many rows found by their words are sorted; of more, a page is found sooner in the order of the list."""


async def searched(
    connection: AsyncConnection, key: Column[UUID], words: ColumnElement[str], search: str
) -> ColumnElement[bool]:
    """The condition for rows with the words of a tsquery; `words` is the vector that is indexed.

    The database would walk all rows in their order and compare each. Where many are found that is the fastest, because
    a page is full soon; of few, the keys are looked up by the index first.
    """
    with_words = words.bool_op("@@")(cast(cast(search, String), TSQUERY))
    found = select(key).where(with_words).cte("found").prefix_with("MATERIALIZED", dialect="postgresql")
    ids = (await connection.scalars(select(found.c.id).limit(FEW + 1))).all()
    return key == any_(literal(ids, ARRAY(Uuid))) if len(ids) <= FEW else with_words
