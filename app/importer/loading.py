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
from app.mapper import decode_rows, digest
from domain.client.registration import RegistrationWithdrawn
from domain.client_keys import ClientKeyLinked
from domain.kernel import EVENTS, Recorded
from projections.log import StoredRow, read_histories

_NO_END = 2**63 - 1


class Known(NamedTuple):
    """The clients of a batch: their histories by owner, and whom the customer keys belong to."""

    histories: dict[UUID, History]
    customers: dict[UUID, UUID]


async def load(services: Services, kind: FileKind, works: Sequence[Work]) -> Known:
    """What is known of the clients that this work is about. Owners that lead to no client are left out."""
    keys = {record.customer for work in works for record in work.records if record.customer}
    owners = [work.owner for work in works]
    by_customer = kind.owner_key == "customer"
    customers = await _customers(services, [*keys, *owners] if by_customer else list(keys))
    clients = {owner: customers.get(owner) for owner in owners} if by_customer else {owner: owner for owner in owners}
    told = {client: [record.row_id for record in work.records] for work in works if (client := clients[work.owner])}
    histories = await _histories(services, told)
    if kind.after is None:
        histories = {stream_id: histories.get(stream_id) or History.of(stream_id) for stream_id in told}
    known = {owner: found for owner, client in clients.items() if client and (found := histories.get(client))}
    return Known(known, customers)


async def _customers(services: Services, keys: Sequence[UUID]) -> dict[UUID, UUID]:
    recorded = await decode_rows(await _rows(services, keys, (ClientKeyLinked.topic,)), services.vault)
    return {item.stream_id: item.event.client_id for item in recorded if isinstance(item.event, ClientKeyLinked)}


async def _histories(services: Services, told: Mapping[UUID, Collection[UUID]]) -> dict[UUID, History]:
    """The histories of clients that have one. Where all rows `told` of it have gone in, it is not read any further."""
    stored, unread = dict[UUID, _Stored](), list[StoredRow]()
    rows = await _rows(services, list(told), tuple(EVENTS))
    for stream_id, of_stream in groupby(rows, key=lambda row: row.stream_id):
        client = _Stored.of(list(of_stream))
        stored[stream_id] = client
        if not client.causes.issuperset(told[stream_id]):
            unread += client.rows
    read = await _decoded(services, unread)
    erased = {stream_id for stream_id, key in (await services.vault.load(read)).items() if key is None}
    return {
        stream_id: History.of(
            stream_id, read.get(stream_id, ()), client.causes, client.digest, erased=stream_id in erased
        )
        for stream_id, client in stored.items()
    }


class _Stored(NamedTuple):
    rows: list[StoredRow]
    causes: set[UUID]
    digest: bytes

    @staticmethod
    def of(rows: list[StoredRow]) -> "_Stored":
        last = rows[-1]
        withdrawn = (number for number, row in enumerate(rows, 1) if row.topic == RegistrationWithdrawn.topic)
        standing = rows[max(withdrawn, default=0) :]
        causes = {cause for row in standing if (cause := _cause(row))}
        return _Stored(rows, causes, digest(last.stream_id, last.version, last.topic, last.state))


async def _decoded(services: Services, rows: Sequence[StoredRow]) -> dict[UUID, list[Recorded]]:
    recorded = await decode_rows(rows, services.vault)
    return {stream_id: list(items) for stream_id, items in groupby(recorded, key=lambda item: item.stream_id)}


def _cause(row: StoredRow) -> UUID | None:
    causation_id = orjson.loads(row.state)["causation_id"]
    return UUID(causation_id) if causation_id else None


async def _rows(services: Services, ids: Sequence[UUID], topics: Sequence[str]) -> list[StoredRow]:
    if not ids:
        return []
    async with services.engine.connect() as connection:
        return await read_histories(connection, ids, topics, _NO_END)
