"""What the service does by itself: offers and proposals expire, promises are renewed, merges settled, events read."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncEngine

from app.directory import Directory
from app.execute import CLIENT, STOCK, Call, Executor, TooManyConflicts
from app.rounds import rounds
from app.settling import settle_all
from domain.catalogue.codes import stock_id
from domain.client.exchanges import ExpireExchange
from domain.client.handoffs import ExpireHandoff
from domain.client.proposal_answers import ExpireProposal
from domain.employee import SYSTEM
from domain.kernel import Actor, Command, Refused
from domain.stock.orders import RenewPromises
from projections.exchanges_query import exchanges_for_expiry
from projections.handoffs_query import overdue_for_expiry
from projections.proposals_query import proposals_for_expiry
from projections.warehouse_query import overdue_articles

logger = logging.getLogger(__name__)

EXPIRY_EVERY_SECONDS = 30.0
REFRESH_EVERY_SECONDS = 1.0
BATCH = 500
BY_RULE = Actor(SYSTEM, frozenset())


Expiry = tuple[UUID, Command]
"""A client, and the command by which something of it expires at the time at which its time was over."""


async def expire_offers(engine: AsyncEngine, executor: Executor) -> int:
    """Let every handoff on offer expire whose time is over. Returns how many did."""
    async with engine.connect() as connection:
        offers = await overdue_for_expiry(connection, datetime.now(UTC), BATCH)
    return await _expire(
        executor,
        [(each.client_id, ExpireHandoff(handoff_id=each.handoff_id, occurred_at=each.expired_at)) for each in offers],
    )


async def expire_exchanges(engine: AsyncEngine, executor: Executor) -> int:
    """Let every offer of a lead between sellers expire whose time is over. Returns how many did."""
    async with engine.connect() as connection:
        offers = await exchanges_for_expiry(connection, datetime.now(UTC), BATCH)
    return await _expire(
        executor,
        [
            (each.client_id, ExpireExchange(exchange_id=each.exchange_id, occurred_at=each.expired_at))
            for each in offers
        ],
    )


async def expire_proposals(engine: AsyncEngine, executor: Executor) -> int:
    """Let every proposal expire whose time is over, at the end of that time. Returns how many did."""
    async with engine.connect() as connection:
        overdue = await proposals_for_expiry(connection, datetime.now(UTC), BATCH)
    return await _expire(
        executor,
        [
            (each.client_id, ExpireProposal(proposal_id=each.proposal_id, occurred_at=each.expired_at))
            for each in overdue
        ],
    )


async def _expire(executor: Executor, expiries: Sequence[Expiry]) -> int:
    """What was answered or revised meanwhile refuses the command, as does an archived client: nothing expires then."""
    expired = 0
    for client_id, command in expiries:
        try:
            await executor.execute(CLIENT, client_id, command, Call(actor=BY_RULE, correlation_id=uuid4()))
            expired += 1
        except (Refused, TooManyConflicts) as refusal:
            logger.info("%s on client %s: nothing expired: %s", type(command).__name__, client_id, refusal)
    return expired


async def renew_promises(engine: AsyncEngine, executor: Executor, directory: Directory) -> int:
    """Promise anew what is promised for days that have passed. Returns of how many articles.

    Where the stock changed meanwhile, there is nothing to renew any more.
    """
    renewed = 0
    async with engine.connect() as connection:
        articles = await overdue_articles(connection, directory.today, BATCH)
    for article in articles:
        call = Call(actor=BY_RULE, correlation_id=uuid4())
        try:
            await executor.execute(STOCK, stock_id(article), RenewPromises(article=article), call)
            renewed += 1
        except (Refused, TooManyConflicts) as refusal:
            logger.info("the promises of %s are not renewed: %s", article, refusal)
    return renewed


async def run_worker(engine: AsyncEngine, executor: Executor, directory: Directory, stop: asyncio.Event) -> None:
    """Work until told to stop."""
    async with asyncio.TaskGroup() as group:
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: expire_offers(engine, executor), stop))
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: expire_exchanges(engine, executor), stop))
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: expire_proposals(engine, executor), stop))
        group.create_task(rounds(EXPIRY_EVERY_SECONDS, lambda: renew_promises(engine, executor, directory), stop))
        group.create_task(
            rounds(EXPIRY_EVERY_SECONDS, lambda: settle_all(engine, executor, Call(BY_RULE, uuid4())), stop)
        )
        group.create_task(rounds(REFRESH_EVERY_SECONDS, directory.refresh, stop))
