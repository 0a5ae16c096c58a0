"""Checks that every document which the log says was sent is still there, as it was sent."""

from collections.abc import AsyncIterator, Iterable
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from app.documents.keeping import Damaged, find_kept
from app.mapper import Undecodable, decode
from app.vault import Keys, Vault
from domain.client.documents import DocumentSent
from projections.log import StoredRow


class Missing(NamedTuple):
    """The row of the log whose document is not as it was sent, and why."""

    row: StoredRow
    detail: str


async def missing_documents(
    engine: AsyncEngine, vault: Vault, rows: Iterable[StoredRow], keys: Keys
) -> AsyncIterator[Missing]:
    """The rows of sent documents that are gone or changed. Those of erased clients are gone rightly."""
    for row in rows:
        if row.topic != DocumentSent.topic or keys.get(row.stream_id) is None:
            continue
        try:
            event = decode(row, keys).event
            assert isinstance(event, DocumentSent)
            if await find_kept(engine, vault, row.stream_id, event.content_hash) is None:
                yield Missing(row, f"the document {event.document_id} is not there")
        except Damaged:
            yield Missing(row, "the document is not the one that was sent")
        except Undecodable:  # found by the check of the log itself
            continue
