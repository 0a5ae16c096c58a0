"""Files of imports in the database, in sealed pieces, so that every process of the service can read them."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.tables import import_files as files
from app.tables import jobs
from app.vault import Vault

PIECE_BYTES = 1_000_000
LIST, MAPPING, LEFT_OUT, REPORT = "list", "mapping", "left_out", "report"
"""What was sent, how it is read, its rows that did not go in, and what the report says of some of them."""
KEPT_FOR = timedelta(days=30)
"""How long the rows left out can be downloaded: they are not erased with a client, because they are of none."""


class KeptFiles:
    """The files of imports: the one that was sent, its mapping, the rows left out."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        self._engine, self._vault = engine, vault

    async def keep(self, connection: AsyncConnection, import_id: UUID, name: str, file: BinaryIO) -> None:
        """Put a file away from where it stands, instead of one of that name."""
        await connection.execute(delete(files).where(files.c.import_id == import_id, files.c.name == name))
        number = 0
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            sealed = self._vault.sealed(piece, _place(import_id, name, number))
            row = {"import_id": import_id, "name": name, "number": number, "sealed": sealed}
            await connection.execute(insert(files).values(row))
            number += 1

    async def pieces(self, import_id: UUID, name: str) -> AsyncGenerator[bytes]:
        """The contents of a file, piece by piece; nothing where there is none."""
        number = 0
        while (sealed := await self._piece(import_id, name, number)) is not None:
            yield self._vault.opened(sealed, _place(import_id, name, number))
            number += 1

    async def fetch(self, import_id: UUID, name: str, path: Path) -> None:
        """Write a file to a path."""
        with path.open("wb") as file:
            async for piece in self.pieces(import_id, name):
                await asyncio.to_thread(file.write, piece)

    async def has(self, import_id: UUID, name: str) -> bool:
        """Whether there is such a file."""
        found = exists().where(files.c.import_id == import_id, files.c.name == name)
        async with self._engine.connect() as connection:
            return bool(await connection.scalar(select(found)))

    async def drop(self, import_id: UUID) -> None:
        """Forget all files of an import."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(files).where(files.c.import_id == import_id))

    async def read(self, import_id: UUID, name: str) -> bytes:
        """A small file as a whole; empty where there is none."""
        return b"".join([piece async for piece in self.pieces(import_id, name)])

    async def _piece(self, import_id: UUID, name: str, number: int) -> bytes | None:
        same = (files.c.import_id == import_id, files.c.name == name, files.c.number == number)
        async with self._engine.connect() as connection:
            return await connection.scalar(select(files.c.sealed).where(*same))


def _place(import_id: UUID, name: str, number: int) -> bytes:
    return f"{import_id} {name} {number}".encode()


async def forget_list(engine: AsyncEngine, import_id: UUID) -> None:
    """Forget what was sent, now that the import has ended; and the files of imports that ended long ago."""
    long_ago = select(jobs.c.id).where(jobs.c.kind == "import", jobs.c.finished_at < func.now() - KEPT_FOR)
    async with engine.begin() as connection:
        await connection.execute(delete(files).where(files.c.import_id == import_id, files.c.name == LIST))
        await connection.execute(delete(files).where(files.c.import_id.in_(long_ago)))
