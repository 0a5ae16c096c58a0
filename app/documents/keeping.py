"""Sent documents are kept in the database, each under the hash of its content, sealed by the key of its client.

Once the key is destroyed nobody can read them. A document is kept before the fact that it was sent: where the fact is
refused after all, what was kept is never shown.
"""

from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.tables import documents_kept
from app.vault import Vault, seal, unseal


async def keep(engine: AsyncEngine, vault: Vault, stream_id: UUID, content: bytes) -> None:
    """Keep a document of a client, unless just this one is kept already.

    Raises:
        KeyDestroyed: the client's data were erased.
    """
    cipher = await vault.find(stream_id)
    assert cipher is not None, "a client has a key from its registration on"
    digest = sha256(content).digest()
    row = {
        "stream_id": stream_id,
        "content_hash": digest,
        "sealed": seal(cipher, content, stream_id.bytes + digest),
        "kept_at": func.now(),
    }
    async with engine.begin() as connection:
        await connection.execute(insert(documents_kept).values(row).on_conflict_do_nothing())


async def find_kept(engine: AsyncEngine, vault: Vault, stream_id: UUID, content_hash: str) -> bytes | None:
    """The document with this hash (hexadecimal); None where its client was erased or it is not there.

    Raises:
        Damaged: it is not what was kept.
    """
    digest = bytes.fromhex(content_hash)
    query = select(documents_kept.c.sealed).where(
        documents_kept.c.stream_id == stream_id, documents_kept.c.content_hash == digest
    )
    async with engine.connect() as connection:
        sealed = (await connection.execute(query)).scalar()
    cipher = (await vault.load([stream_id])).get(stream_id)
    if sealed is None or cipher is None:
        return None
    try:
        return unseal(cipher, sealed, stream_id.bytes + digest)
    except InvalidTag:
        raise Damaged(content_hash) from None


class Damaged(Exception):
    """A document that was kept was changed in the database."""
