"""What the service does by itself: offers and proposals expire, merges are settled, new events are taken in."""

import asyncio
import logging
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import CLIENT, Call, Executor, TooManyConflicts
from app.rounds import rounds
from app.settling import settle_all
from domain.client.handoffs import ExpireHandoff
from domain.client.proposal_answers import ExpireProposal
from domain.employee import SYSTEM
from domain.kernel import Actor, Refused
from projections.handoffs_query import overdue_for_expiry
from projections.proposals_query import proposals_for_expiry

logger = logging.getLogger(__name__)

EXPIRY_EVERY_SECONDS = 30.0
REFRESH_EVERY_SECONDS = 1.0
BATCH = 500
BY_RULE = Actor(SYSTEM, frozenset())


async def expire_offers(engine: AsyncEngine, executor: Executor) -> int:
    """Let every offer expire whose time is over, at the time at which it was over. Returns how many did.

    An offer answered meanwhile, or a client archived, refuses the command: then there is nothing to expire.
    """
    expired = 0
    async with engine.connect() as connection:
        offers = await overdue_for_expiry(connection, datetime.now(UTC), BATCH)
    for offer in offers:
        call = Call(actor=BY_RULE, correlation_id=uuid4())
        try:
            expiry = ExpireHandoff(handoff_id=offer.handoff_id, occurred_at=offer.expired_at)
            await executor.execute(CLIENT, offer.client_id, expiry, call)
            expired += 1
        except (Refused, TooManyConflicts) as refusal:
            logger.info("offer %s did not expire: %s", offer.handoff_id, refusal)
    return expired


async def expire_proposals(engine: AsyncEngine, executor: Executor) -> int:
    """Let every proposal expire whose time is over, at the end of that time. Returns how many did.

    One that was answered or revised meanwhile refuses the command: then there is nothing to expire.
    """
    expired = 0
    async with engine.connect() as connection:
        overdue = await proposals_for_expiry(connection, datetime.now(UTC), BATCH)
    for proposal in overdue:
        call = Call(actor=BY_RULE, correlation_id=uuid4())
        try:
            expiry = ExpireProposal(proposal_id=proposal.proposal_id, occurred_at=proposal.expired_at)
            await executor.execute(CLIENT, proposal.client_id, expiry, call)
            expired += 1
        except (Refused, TooManyConflicts) as refusal:
            logger.info("proposal %s did not expire: %s", proposal.proposal_id, refusal)
    return expired


async def run_worker(engine: AsyncEngine, executor: Executor, directory: Directory, stop: asyncio.Event) -> None:
    """Work until told to stop."""
    async with asyncio.TaskGroup() as group:
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: expire_offers(engine, executor), stop))
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: expire_proposals(engine, executor), stop))
        group.create_task(
            rounds(EXPIRY_EVERY_SECONDS, lambda: settle_all(engine, executor, Call(BY_RULE, uuid4())), stop)
        )
        group.create_task(rounds(REFRESH_EVERY_SECONDS, directory.refresh, stop))
