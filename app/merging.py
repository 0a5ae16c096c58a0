"""Merging two clients: a command on the loser, and one on the survivor that follows from it (`app.settling`)."""

from uuid import UUID

from app.execute import CLIENT, Call, Outcome
from app.other_clients import finding, other_client
from app.services import Services
from app.settling import settle
from domain.client.merging import MergeClient, UnmergeClient
from domain.kernel import Refused


async def merge(services: Services, client_id: UUID | None, command: MergeClient, call: Call) -> Outcome:
    """Merge a client into another.

    Raises:
        Refused: a rule says no; `survivor_not_open` also where the survivor was merged or archived meanwhile.
    """
    assert client_id is not None
    survivor = await other_client(services, command.into_id)
    known = finding(services, survivor) if survivor else None
    try:
        outcome = await services.executor.execute(CLIENT, client_id, command, call._replace(known=known))
    except Refused as refused:
        if refused.code == "client_merged":
            await settle(services.executor, client_id, command.into_id, call)
        raise
    if not await settle(services.executor, client_id, command.into_id, call):
        raise Refused("survivor_not_open", id=command.into_id)
    return outcome


async def unmerge(services: Services, client_id: UUID | None, command: UnmergeClient, call: Call) -> Outcome:
    """Take a merge back."""
    assert client_id is not None
    survivor_id = (await services.executor.read(CLIENT, client_id)).merging.into
    if survivor_id and (survivor := await other_client(services, survivor_id)):
        call = call._replace(known=finding(services, survivor))
    outcome = await services.executor.execute(CLIENT, client_id, command, call)
    if survivor_id:
        await settle(services.executor, client_id, survivor_id, call)
    return outcome
