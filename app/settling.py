"""Merges are settled: the survivor's stream is brought to say what the loser's does.

The loser's stream decides. The survivor's follows it: at once, when the same request comes again, and by the worker,
which looks for those that do not agree. Whoever is killed in between leaves a loser that points to its survivor, as it
should, and a survivor that does not know of it for half a minute.
"""

import logging
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.execute import CLIENT, Call, Executor, TooManyConflicts
from domain.client.merging import AbsorbClient, ReleaseClient, UnmergeClient
from domain.kernel import Command, Refused
from projections.duplicates_query import disagreeing

log = logging.getLogger(__name__)

TAKEN_BACK = "The other client could not take this one in any more"
BATCH = 500


async def settle(executor: Executor, client_id: UUID, survivor_id: UUID, call: Call) -> bool:
    """Let the survivor's stream say what the loser's says. False: it could not, and the merge was taken back."""
    loser = (await executor.read(CLIENT, client_id)).merging
    if loser.into != survivor_id:
        await _follow(executor, survivor_id, ReleaseClient(client_id=client_id, occurred_at=loser.since), call)
        return True
    try:
        await _follow(executor, survivor_id, AbsorbClient(client_id=client_id, occurred_at=loser.since), call)
    except Refused as refused:
        log.warning("client %s cannot take %s in (%s): taken back", survivor_id, client_id, refused.code)
        await _follow(executor, client_id, UnmergeClient(reason=TAKEN_BACK), call)
        return False
    return True


async def settle_anew(executor: Executor, client_id: UUID, call: Call) -> None:
    """Whoever has taken the client in meanwhile takes it in again, with what it stands for now.

    For a merge that was taken back while its survivor was being merged itself: the rule against it (`survivor_merged`)
    looked at the survivor as it was before.
    """
    survivor_id = (await executor.read(CLIENT, client_id)).merging.into
    if survivor_id and client_id in (await executor.read(CLIENT, survivor_id)).merging.absorbed:
        await _follow(executor, survivor_id, ReleaseClient(client_id=client_id), call)
        await settle(executor, client_id, survivor_id, call)


async def _follow(executor: Executor, client_id: UUID, command: Command, call: Call) -> None:
    """Execute a command that follows from another; where there is nothing to change, that is as it should be."""
    alone = Call(call.actor, call.correlation_id, call.causation_id)
    try:
        await executor.execute(CLIENT, client_id, command, alone)
    except Refused as refused:
        if refused.code not in {"nothing_to_change", "client_not_merged"}:
            raise


async def settle_all(engine: AsyncEngine, executor: Executor, call: Call) -> int:
    """Settle every merge on which two streams do not agree. Returns how many there were."""
    async with engine.connect() as connection:
        found = await disagreeing(connection, BATCH)
    for client_id, survivor_id in found:
        try:
            await settle(executor, client_id, survivor_id, call)
        except (Refused, TooManyConflicts) as refusal:
            log.info("the merge of %s is not settled yet: %s", client_id, refusal)
    return len(found)
