"""Merging two clients: a command on the loser, and one on the survivor that follows from it (`app.settling`)."""

from uuid import UUID

from app.execute import CLIENT, Call, Outcome
from app.other_clients import finding, other_client
from app.services import Services
from app.settling import settle, settle_anew
from domain.client.merging import ClientAbsorbed, ClientReleased, ClientUnmerged, MergeClient, UnmergeClient
from domain.kernel import Refused


async def merge(services: Services, client_id: UUID | None, command: MergeClient, call: Call) -> Outcome:
    """Merge a client into another. The position that is answered is where the survivor says so too.

    Raises:
        Refused: a rule says no; `survivor_not_open` also where the survivor was merged or archived meanwhile.
    """
    assert client_id is not None
    await _settle_earlier(services, client_id, call)
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
    return await _heard(services, outcome, client_id, command.into_id)


async def unmerge(services: Services, client_id: UUID | None, command: UnmergeClient, call: Call) -> Outcome:
    """Take a merge back. The position that is answered is where the survivor says so too."""
    assert client_id is not None
    survivor_id = (await services.executor.read(CLIENT, client_id)).merging.into
    if survivor_id and (survivor := await other_client(services, survivor_id)):
        call = call._replace(known=finding(services, survivor))
    outcome = await services.executor.execute(CLIENT, client_id, command, call)
    parted_from = (await _parted_from(services, client_id))[-1]
    await settle(services.executor, client_id, parted_from, call)
    await settle_anew(services.executor, parted_from, call)
    return await _heard(services, outcome, client_id, parted_from)


async def _settle_earlier(services: Services, client_id: UUID, call: Call) -> None:
    """What was left half done is settled before the client goes on.

    A survivor that has not heard yet that the client was parted from it would count it too, or what it bought since
    neither; and whoever takes the client in is given all that it stands for, once and for all.
    """
    for survivor_id in await _parted_from(services, client_id):
        await settle(services.executor, client_id, survivor_id, call)
    for absorbed_id in (await services.executor.read(CLIENT, client_id)).merging.absorbed:
        await settle(services.executor, absorbed_id, client_id, call)


async def _parted_from(services: Services, client_id: UUID) -> list[UUID]:
    """The clients that stood for it and do not any more, the last at the end."""
    events = [recorded.event for recorded in await services.store.read_topics(client_id, (ClientUnmerged.topic,))]
    return [event.from_id for event in events if isinstance(event, ClientUnmerged)]


async def _heard(services: Services, outcome: Outcome, client_id: UUID, survivor_id: UUID) -> Outcome:
    """The answer with the position from which on both clients say the same, also where it is given once more."""
    said = await services.store.read_topics(survivor_id, (ClientAbsorbed.topic, ClientReleased.topic))
    positions = [
        recorded.position
        for recorded in said
        if isinstance(recorded.event, (ClientAbsorbed, ClientReleased)) and recorded.event.client_id == client_id
    ]
    answer = outcome.answer | {"position": max(outcome.answer["position"], *positions)}
    return outcome._replace(answer=answer)
