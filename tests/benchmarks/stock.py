"""The same contact, recorded by an application of the library `eventsourcing` as its documentation shows it."""

import sys
from typing import Any
from uuid import UUID

import uvicorn
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import Projection
from fastapi import FastAPI
from psycopg.sql import SQL
from sqlalchemy import URL

from domain.client.contacts import RecordContact


class StockClient(Aggregate):
    """A client with its contacts."""

    @event("Registered")
    def __init__(self, name: str) -> None:
        self.name = name
        self.contacts = 0

    @event("ContactRecorded")
    def record_contact(self, channel: str, direction: str, outcome: str, summary: str) -> None:
        """One more contact."""
        self.contacts += 1


class StockClients(Application[UUID]):
    """Clients, folded anew for every command, as the library does by default."""

    name = "stock"

    def register(self, name: str) -> UUID:
        """A new client."""
        client = StockClient(name)
        self.save(client)
        return client.id

    def record_contact(self, client_id: UUID, body: RecordContact) -> int:
        """One contact; returns the client's version."""
        client: StockClient = self.repository.get(client_id)
        client.record_contact(str(body.channel), str(body.direction), str(body.outcome), body.summary)
        self.save(client)
        return client.version


class StockView(PostgresTrackingRecorder):
    """How many events each client has: one row and the tracking position in one transaction per event."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        create = "CREATE TABLE IF NOT EXISTS stock_contacts (id uuid PRIMARY KEY, contacts bigint NOT NULL)"
        self.sql_create_statements.append(SQL(create).format())

    def count(self, client_id: UUID, tracking: Tracking) -> None:
        """One more event of the client."""
        upsert = (
            "INSERT INTO stock_contacts VALUES (%s, 1) "
            "ON CONFLICT (id) DO UPDATE SET contacts = stock_contacts.contacts + 1"
        )
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(upsert, (client_id,), prepare=True)
            self._insert_tracking(cursor, tracking)


class StockProjection(Projection[StockView]):
    """Feeds the view."""

    name = "stockview"

    def process_event(  # pyright: ignore[reportIncompatibleVariableOverride]
        self, domain_event: Any, tracking: Tracking
    ) -> None:
        """Count it."""
        self.view.count(domain_event.originator_id, tracking)


def environment(database: URL) -> dict[str, str]:
    """The library's settings for a database."""
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": database.database or "",
        "POSTGRES_HOST": database.host or str(database.query["host"]),
        "POSTGRES_PORT": str(database.port or 5432),
        "POSTGRES_USER": database.username or "postgres",
        "POSTGRES_PASSWORD": database.password or "not asked for",
    }


def create_app(clients: StockClients) -> FastAPI:
    """The endpoint, in a `def` as the library is synchronous."""
    app = FastAPI()

    @app.post("/api/v1/clients/{client_id}/contacts")
    def record_contact(client_id: UUID, body: RecordContact) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        return {"id": str(client_id), "version": clients.record_contact(client_id, body)}

    return app


if __name__ == "__main__":
    stock = StockClients(env=environment(URL.create("postgresql", "postgres", host=sys.argv[2], database="postgres")))
    uvicorn.run(create_app(stock), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
