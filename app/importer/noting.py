"""Which rows of an import are on their way in, noted before they are recorded, so that it can be undone."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from app.importer.problems import RowError
from app.importer.records import Record
from app.tables import import_records as records

IMPORTED, UNDONE, KEPT = "imported", "undone", "kept"


class Noting:
    """Notes the rows of one import. A row noted twice, as after a break, is the same row."""

    def __init__(self, engine: AsyncEngine, import_id: UUID) -> None:
        self._engine, self._import_id = engine, import_id
        self._mine = records.c.import_id == import_id

    async def going_in(self, found: Sequence[tuple[UUID, Record]]) -> None:
        """These records of these clients are about to be recorded."""
        rows = [
            {
                "import_id": self._import_id,
                "line": line,
                "client_id": client_id,
                "part_id": None if record.id == client_id else record.id,
                "state": IMPORTED,
            }
            for client_id, record in found
            for line in record.lines
        ]
        if rows:
            async with self._engine.begin() as connection:
                await connection.execute(insert(records).on_conflict_do_nothing(), rows)

    async def left_out(self, errors: Sequence[RowError]) -> None:
        """These rows did not go in after all."""
        if errors:
            lines = {error.line for error in errors}
            async with self._engine.begin() as connection:
                await connection.execute(delete(records).where(self._mine, records.c.line.in_(lines)))

    async def count(self) -> int:
        """How many rows went in, in this run of the import or one that was broken off."""
        async with self._engine.connect() as connection:
            counted = select(func.count()).select_from(records).where(self._mine)
            return (await connection.execute(counted)).scalar_one()
