"""Commands on a client that name another one: what the other came to is looked up before they are decided."""

from typing import Any, TypeVar
from uuid import UUID

from app.execute import CLIENT, Call, Outcome
from app.services import Services
from domain.client.duplicates import DismissDuplicate, OtherClient
from domain.kernel import Lookup

T = TypeVar("T")


def finding(services: Services, found: Any) -> Lookup:
    """Finds this very object by its type, whatever its id, and everything else where it usually is."""

    def known(kind: type[T], key: UUID, /) -> T | None:
        return found if isinstance(found, kind) else services.directory.known(kind, key)

    return known


async def other_client(services: Services, client_id: UUID) -> OtherClient | None:
    """The client as a command on another one sees it; None where there is no such client."""
    client = await services.executor.read(CLIENT, client_id)
    registered_at = client.registration.registered_at
    if registered_at is None:
        return None
    return OtherClient(client_id, registered_at, client.merging.into, client.archive.archived)


async def dismiss_duplicate(
    services: Services, client_id: UUID | None, command: DismissDuplicate, call: Call
) -> Outcome:
    """Tell a client apart from another."""
    assert client_id is not None
    other = await other_client(services, command.other_id)
    call = call._replace(known=finding(services, other)) if other else call
    return await services.executor.execute(CLIENT, client_id, command, call)
