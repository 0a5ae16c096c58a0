"""Who was merged into a client, and into those, and so on."""

from collections.abc import Callable
from uuid import UUID

from app.services import Services
from domain.client.merging import ClientAbsorbed, ClientReleased, Merging
from domain.kernel import Recorded

_TOPICS = (ClientAbsorbed.topic, ClientReleased.topic)


async def absorbed_by(services: Services, client_id: UUID, included: Callable[[Recorded], bool]) -> list[UUID]:
    """The clients that a client stands for, by those of its events that are `included`, and so on for each of them."""
    found: dict[UUID, None] = {client_id: None}
    waiting = [client_id]
    while waiting:
        for absorbed in await _absorbed(services, waiting.pop(), included):
            if absorbed not in found:
                found[absorbed] = None
                waiting.append(absorbed)
    return list(found)[1:]


async def _absorbed(services: Services, client_id: UUID, included: Callable[[Recorded], bool]) -> list[UUID]:
    merging = Merging()
    for recorded in await services.store.read_topics(client_id, _TOPICS):
        if included(recorded):
            merging = merging.evolve(recorded)
    return sorted(merging.absorbed)
