"""Registration: whether the client is there already is looked up first, and two at once with one tax id meet.

A client that is registered with a tax id gets an id that follows from it, so that all who register the same firm at the
same moment write to one stream, of which the store takes one. Phones, e-mails, domains and names with their region,
mistyped ones too, are looked up in the view of duplicates, which is waited for; what is registered within the same
moment is found by the worklist only.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid4

from app.execute import CLIENT, Call, Outcome
from app.identity import Doubt, doubts
from app.other_clients import finding
from app.services import Services
from app.similarity import TAX_ID, Likeness, by_key, same_client
from app.spelling import misspelt
from domain.client.duplicates import SimilarClient, SimilarClients
from domain.client.registration import RegisterClient
from domain.kernel import Refused
from projections.duplicates import DuplicatesView, Identity
from projections.duplicates_query import sharing
from projections.identity import tax_key

WAIT_SECONDS = 2.0
"""How long a registration waits for the view; after that it looks at what is there."""
MOST_CANDIDATES = 10
_MOST_STREAMS = 10
"""How many clients may have had the tax id before, and given it up, until two at once are not kept apart any more."""
NOBODY = UUID(int=0)
_CLAIM = "tax_id"


async def register(services: Services, _: UUID | None, command: RegisterClient, call: Call) -> Outcome:
    """Register a client, unless it looks like one that exists and no reason is given.

    Raises:
        Refused: `duplicate_client`, or what else the rules say.
    """
    similar, warnings = await _looked_up(services, command)
    try:
        outcome = await _register(services, command, call, similar)
    except _Taken as taken:
        others = [client for client in similar if client.id != taken.client.id]
        outcome = await _execute(services, uuid4(), command, call, (taken.client, *others))
    warnings = [*doubts(command.tax_id, command.phones or (), services.settings.default_region), *warnings]
    if not warnings:
        return outcome
    return outcome._replace(answer=outcome.answer | {"warnings": [doubt._asdict() for doubt in warnings]})


async def _looked_up(services: Services, command: RegisterClient) -> tuple[Sequence[SimilarClient], Sequence[Doubt]]:
    """The clients for which the new one is refused, the most alike first; and what is said of those with like names."""
    new = Identity(
        NOBODY,
        command.name,
        command.region,
        command.tax_id,
        command.phones or (),
        command.emails or (),
        command.site,
    )
    if not new.keys:
        return (), ()
    await services.projector.wait_for((DuplicatesView.name,), await services.store.head(), WAIT_SECONDS)
    async with services.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        found = [*await sharing(connection, new.keys), *await misspelt(connection, new)]
    region = services.settings.default_region
    same = _similar((other, same_client(new, other, region)) for other in found)
    alike = _similar((other, by_key(new, other, region)) for other in found)
    refused = {client.id for client in same}
    return same, [_doubt(client) for client in alike if client.id not in refused]


def _similar(found: Iterable[tuple[Identity, Likeness | None]]) -> Sequence[SimilarClient]:
    candidates = [
        SimilarClient(other.standing.merged_into or other.id, other.name, likeness.reason, likeness.score)
        for other, likeness in found
        if likeness
    ]
    candidates.sort(key=lambda client: (-client.score, client.id))
    return list({candidate.id: candidate for candidate in reversed(candidates)}.values())[::-1][:MOST_CANDIDATES]


def _doubt(client: SimilarClient) -> Doubt:
    """The answer is kept, so that it names nobody."""
    return Doubt(
        "name", "similar_name", f"Client {client.id} of the same region has a name much alike ({client.score})."
    )


class _Taken(Exception):
    """The stream that stands for the tax id has become a client with this tax id."""

    def __init__(self, client: SimilarClient) -> None:
        super().__init__(client)
        self.client = client


async def _register(
    services: Services, command: RegisterClient, call: Call, similar: Sequence[SimilarClient]
) -> Outcome:
    """Register the client, by its tax id in the first stream of those standing for it that is still free.

    The streams before that one belong to clients which have another tax id by now.
    """
    key = tax_key(command.tax_id)
    if key is None or command.allow_duplicate:
        return await _execute(services, uuid4(), command, call, similar)
    for number in range(_MOST_STREAMS):
        stream_id = services.vault.derived_id(_CLAIM, f"{key}\x1f{number}")
        try:
            return await _execute(services, stream_id, command, call, similar)
        except Refused as refused:
            if refused.code != "client_exists":
                raise
            await _refuse_same(services, stream_id, key)
    return await _execute(services, uuid4(), command, call, similar)


async def _refuse_same(services: Services, client_id: UUID, key: str) -> None:
    client = await services.executor.read(CLIENT, client_id)
    if tax_key(client.card.tax_id) == key:
        raise _Taken(SimilarClient(client.merging.into or client_id, client.card.name, "tax_id", TAX_ID))


async def _execute(
    services: Services, stream_id: UUID, command: RegisterClient, call: Call, similar: Sequence[SimilarClient]
) -> Outcome:
    known = finding(services, SimilarClients(tuple(similar)))
    return await services.executor.execute(CLIENT, stream_id, command, call._replace(known=known))
