"""A process that appends as fast as it can and prints the positions that were acknowledged: `URL STREAMS APPENDS`."""

import asyncio
import sys
from uuid import uuid4

from sqlalchemy.ext.asyncio import create_async_engine

from app.store import Store
from app.vault import Vault
from tests.app.appending import append_of, contact, deal_won
from tests.conftest import MASTER_KEY


async def main(url: str, streams: int, appends: int) -> None:
    engine = create_async_engine(url)
    store = Store(engine, Vault(MASTER_KEY, engine))
    await store.start()

    async def write() -> None:
        stream, last = uuid4(), None
        for _ in range(appends):
            last = await store.append(append_of(stream, contact(), deal_won(), after=last))
            print(last.position - 1, last.position, flush=True)

    await asyncio.gather(*(write() for _ in range(streams)))
    await store.stop()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
