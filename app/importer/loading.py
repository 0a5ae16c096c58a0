"""What is recorded of the clients of a batch, read with a query or two."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import orjson

from app.importer.history import History
from app.importer.kinds import FileKind
from app.importer.planning import Work
from app.importer.services import Services
from app.mapper import NO_DIGEST, decode_rows, digest
from domain.client_keys import ClientKeyLinked
from domain.kernel import EVENTS
from projections.log import StoredRow, read_histories

_NO_END = 2**63 - 1


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
    told = {clients[work.owner]: [record.row_id for record in work.records] for work in works if work.owner in clients}
    return Known(clients, await _histories(services, told), customers)


async def _customers(services: Services, keys: Sequence[UUID]) -> dict[UUID, UUID]:
    recorded = await decode_rows(await _rows(services, keys, (ClientKeyLinked.topic,)), services.vault)
    return {item.stream_id: item.event.client_id for item in recorded if isinstance(item.event, ClientKeyLinked)}


async def _histories(services: Services, told: Mapping[UUID, Collection[UUID]]) -> dict[UUID, History]:
    """The histories of clients. One that the rows `told` about it have all gone into is not read any further."""
    found = {stream_id: History.of(stream_id, (), (), NO_DIGEST) for stream_id in told}
    unread: list[StoredRow] = []
    for stream_id, of_stream in groupby(
        await _rows(services, list(told), tuple(EVENTS)), key=lambda row: row.stream_id
    ):
        stored = list(of_stream)
        causes = {cause for row in stored if (cause := _cause(row))}
        found[stream_id] = History.of(stream_id, (), causes, _digest(stored[-1]))
        if not causes.issuperset(told[stream_id]):
            unread += stored
    recorded = await decode_rows(unread, services.vault)
    for stream_id, of_stream in groupby(recorded, key=lambda item: item.stream_id):
        known = found[stream_id]
        found[stream_id] = History.of(stream_id, list(of_stream), known.causes, known.digest)
    return found


def _cause(row: StoredRow) -> UUID | None:
    causation_id = orjson.loads(row.state)["causation_id"]
    return UUID(causation_id) if causation_id else None


def _digest(row: StoredRow) -> bytes:
    return digest(row.stream_id, row.version, row.topic, row.state)


async def _rows(services: Services, ids: Sequence[UUID], topics: Sequence[str]) -> list[StoredRow]:
    if not ids:
        return []
    async with services.engine.connect() as connection:
        return await read_histories(connection, ids, topics, _NO_END)
