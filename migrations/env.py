"""How Alembic reaches the database: on the connection that `app.migrate` hands over, or by `DATABASE_URL`."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.tables import metadata


def run(connection: Connection) -> None:
    """Run the migrations that were asked for."""
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_by_url() -> None:
    """Run the migrations on the database that `DATABASE_URL` names."""
    url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


given: Connection | None = context.config.attributes.get("connection")
if given is None:
    asyncio.run(run_by_url())
else:
    run(given)
