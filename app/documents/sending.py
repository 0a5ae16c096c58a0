"""Carries a command out that makes a document: the rules are asked first, then pages are made, kept and sent."""

import asyncio
from typing import TypeVar
from uuid import UUID

from app.documents.keeping import keep
from app.documents.pdf import put_on_pages
from app.execute import ATTEMPTS, CLIENT, Call, Outcome, TooManyConflicts
from app.services import Services
from app.vault import KeyDestroyed
from domain.documents.filled import NotRendered, Rendered
from domain.kernel import Command, Refused

T = TypeVar("T")


async def send(services: Services, client_id: UUID | None, command: Command, call: Call) -> Outcome:
    """Make a document, keep it, and record that it was sent.

    Where the client changed while pages were made, so that the document would say something else, they are made anew.

    Raises:
        Refused: the rules say no.
        TooManyConflicts: the client changed every time.
    """
    assert client_id is not None
    made: dict[UUID, Rendered] = {}

    def known(kind: type[T], key: UUID, /) -> T | None:
        found = made.get(key)
        return found if isinstance(found, kind) else services.directory.known(kind, key)

    for _ in range(ATTEMPTS):
        try:
            return await services.executor.execute(CLIENT, client_id, command, call._replace(known=known))
        except NotRendered as waiting:
            pages = await asyncio.to_thread(put_on_pages, waiting.filled)
            if pages.content:
                await _keep(services, client_id, pages.content)
            made[waiting.filled.key] = pages.facts
    raise TooManyConflicts


async def _keep(services: Services, client_id: UUID, content: bytes) -> None:
    try:
        await keep(services.engine, services.vault, client_id, content)
    except KeyDestroyed:
        raise Refused("client_erased", id=client_id) from None
