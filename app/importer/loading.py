"""What is recorded of the clients of a batch, read with a query or two."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import Executor
from app.importer.history import History
from app.importer.kinds import FileKind
from app.importer.planning import Work
from app.mapper import NO_DIGEST, decode_rows, digest
from app.store import Store
from app.vault import Vault
from domain.client_keys import ClientKeyLinked
from domain.kernel import EVENTS
from projections.log import StoredRow, read_histories

_NO_END = 2**63 - 1


class Services(Protocol):
    """What an import needs of the service."""

    @property
    def engine(self) -> AsyncEngine: ...
    @property
    def store(self) -> Store: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def directory(self) -> Directory: ...
    @property
    def executor(self) -> Executor: ...


class Known(NamedTuple):
    """The clients of a batch: by owner, their histories, and whom the customer keys belong to."""

    clients: dict[UUID, UUID]
    histories: dict[UUID, History]
    customers: dict[UUID, UUID]


async def load(services: Services, kind: FileKind, works: Sequence[Work]) -> Known:
    """What is known of the clients that this work is about. Owners that lead to no client are left out."""
    owners = [work.owner for work in works]
    keys = {record.customer for work in works for record in work.records if record.customer}
    customers = await _customers(services, [*keys, *(owners if kind.by_customer else ())])
    clients = {owner: customers[owner] for owner in owners if owner in customers} if kind.by_customer else {}
    if not kind.by_customer:
        clients = {owner: owner for owner in owners}
    return Known(clients, await _histories(services, clients.values()), customers)


async def _customers(services: Services, keys: Sequence[UUID]) -> dict[UUID, UUID]:
    recorded = await decode_rows(await _rows(services, keys, (ClientKeyLinked.topic,)), services.vault)
    return {item.stream_id: item.event.client_id for item in recorded if isinstance(item.event, ClientKeyLinked)}


async def _histories(services: Services, ids: Iterable[UUID]) -> dict[UUID, History]:
    stored = await _rows(services, list(set(ids)), tuple(EVENTS))
    recorded = await decode_rows(stored, services.vault)
    found = {stream_id: History.of(stream_id, (), NO_DIGEST) for stream_id in ids}
    pairs = zip(stored, recorded, strict=True)
    for stream_id, of_stream in groupby(pairs, key=lambda pair: pair[1].stream_id):
        history = list(of_stream)
        found[stream_id] = History.of(stream_id, [item for _, item in history], _digest(history[-1][0]))
    return found


def _digest(row: StoredRow) -> bytes:
    return digest(row.stream_id, row.version, row.topic, row.state)


async def _rows(services: Services, ids: Sequence[UUID], topics: Sequence[str]) -> list[StoredRow]:
    if not ids:
        return []
    async with services.engine.connect() as connection:
        return await read_histories(connection, ids, topics, _NO_END)
