"""Carries a command out: load the stream, decide, append; on a conflict decide again on what is there by then."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from random import random
from typing import Any, NamedTuple
from uuid import UUID
from weakref import WeakValueDictionary

import orjson

from app.acts import Act, Change, Part
from app.directory import Directory
from app.ids import new_id
from app.loaded import Aggregate, Loaded, LoadedStreams, S
from app.public_holidays import LIBRARY
from app.store import Append, Idempotency, KeyTaken, Store, VersionConflict
from app.vault import KeyDestroyed
from domain.catalogue.articles import Article
from domain.catalogue.price_lists import PriceList
from domain.catalogue.products import Product
from domain.client.state import Client
from domain.client.state import decide as decide_on_client
from domain.distribution.state import Distribution
from domain.documents.template import Template
from domain.employee import Employee
from domain.kernel import Actor, Command, Event, JointCommand, Lookup, Reach, Refused, refuse_future
from domain.playbook import Script
from domain.policy import Policy
from domain.prediction.state import Prediction
from domain.regulation.state import Regulation, RuleContext
from domain.search_assignment import SearchAssignment
from domain.stock.state import Stock
from domain.stock.warehouses import Warehouse
from domain.team_work.state import TeamWork

ATTEMPTS = 12
PAUSE_SECONDS = 0.005
"""After a conflict with another process, for each attempt so far: so that both get their turn."""


def _decide(command: Any, state: Any, context: RuleContext) -> list[Event]:
    refuse_future(context)
    return command.decide(state, context)


CLIENT = Aggregate(Client, Client.empty, decide_on_client)
EMPLOYEE = Aggregate(Employee, Employee.empty, _decide, in_directory=True)
DISTRIBUTION = Aggregate(Distribution, Distribution.empty, _decide)
SEARCH_ASSIGNMENT = Aggregate(SearchAssignment, SearchAssignment.empty, _decide, in_directory=True)
SCRIPT = Aggregate(Script, Script.empty, _decide, in_directory=True)
TEAM_WORK = Aggregate(TeamWork, TeamWork.empty, _decide, in_directory=True)
TEMPLATE = Aggregate(Template, Template.empty, _decide, in_directory=True)
POLICY = Aggregate(Policy, Policy.empty, _decide, in_directory=True)
PREDICTION = Aggregate(Prediction, Prediction.empty, _decide, in_directory=True)
REGULATION = Aggregate(Regulation, Regulation.empty, _decide, in_directory=True)

PRODUCT = Aggregate(Product, Product.empty, _decide)
ARTICLE = Aggregate(Article, Article.empty, _decide)
STOCK = Aggregate(Stock, Stock.empty, _decide)
PRICE_LIST = Aggregate(PriceList, PriceList.empty, _decide, in_directory=True)
WAREHOUSE = Aggregate(Warehouse, Warehouse.empty, _decide, in_directory=True)
AGGREGATES: Mapping[type[Any], Aggregate[Any]] = {Stock: STOCK, Article: ARTICLE}
"""The kinds of streams that commands on others may reach, by the class of their state.

Turns are taken in this order, so that nobody waits in a circle: a command may reach only kinds that come after its own.
"""


class Call(NamedTuple):
    """The circumstances of a command: who, in which chain of requests, under which conditions.

    `request_digest` tells requests with the same idempotency key apart; `if_match` is the version the caller knows.
    `known` finds what the command refers to; the directory does, where it is absent. `ids` gives the source of ids for
    a decision; one that is taken again gets a source of its own. `retold` is as in `RuleContext`; no request has it.
    """

    actor: Actor
    correlation_id: UUID
    causation_id: UUID | None = None
    idempotency_key: str | None = None
    request_digest: bytes = b""
    if_match: int | None = None
    ids: Callable[[], Callable[[], UUID]] = lambda: new_id
    known: Lookup | None = None
    retold: bool = False


class Outcome(NamedTuple):
    """What a command did: the answer to its caller (id, version, position, ids of new parts)."""

    answer: dict[str, Any]
    replayed: bool = False


class StaleVersion(Exception):
    """The stream is not at the version that `If-Match` names."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


class KeyReused(Exception):
    """The idempotency key was used for another request."""


class _Outdated(Exception):
    """A rule said no, but to what is not so any more: the command is decided again on what is stored by now."""


class TooManyConflicts(Exception):
    """Other writers were faster every time; the caller may try again."""


class Executor:
    """Decides commands and appends their events. Folded streams are cached; commands on one stream take turns."""

    def __init__(self, store: Store, directory: Directory, cache_bytes: int) -> None:
        self._store = store
        self._directory = directory
        self._streams = LoadedStreams(store, cache_bytes)
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def execute(self, aggregate: Aggregate[S], stream_id: UUID, command: Command, call: Call) -> Outcome:
        """Carry the command out.

        Raises:
            Refused: a rule says no.
            StaleVersion: `call.if_match` is not the stream's version.
            KeyReused: the idempotency key belongs to another request.
            TooManyConflicts: the stream changed on every attempt.
        """
        async with self._turn(stream_id):
            if call.idempotency_key and (earlier := await self._replay(call)):
                return earlier
            for attempt in range(ATTEMPTS):
                try:
                    return await self._attempt(aggregate, stream_id, command, call, anew=attempt > 0)
                except VersionConflict:
                    if earlier := await self.replay(call):
                        return earlier
                    await asyncio.sleep(attempt * PAUSE_SECONDS * random())  # noqa: S311 - not a secret
                except _Outdated:
                    pass
                except KeyTaken:
                    if earlier := await self._replay(call):
                        return earlier
            raise TooManyConflicts

    async def read(self, aggregate: Aggregate[S], stream_id: UUID) -> S:
        """What a stream came to, with all that was appended by now."""
        return (await self._streams.refresh(stream_id, await self._streams.load(aggregate, stream_id))).state

    async def foresee(self, aggregate: Aggregate[Any], stream_ids: Collection[UUID]) -> None:
        """Load streams at once that many commands are coming for, where loading each by itself would take longer."""
        await self._streams.load_all(aggregate, stream_ids)

    async def replay(self, call: Call) -> Outcome | None:
        """What an earlier request with the same idempotency key did, before any work is put into this one.

        Raises:
            KeyReused: that was another request.
        """
        return await self._replay(call) if call.idempotency_key else None

    async def _attempt(
        self, aggregate: Aggregate[S], stream_id: UUID, command: Command, call: Call, *, anew: bool
    ) -> Outcome:
        """Decide and append; on what is remembered of the streams, or `anew` on what is stored by now."""
        loaded = await self._load(aggregate, stream_id, anew=anew)
        if call.if_match is not None and call.if_match != loaded.version:
            loaded = await self._streams.refresh(stream_id, loaded)
            if call.if_match != loaded.version:
                raise StaleVersion(loaded.version)
        main = Part(aggregate, stream_id, loaded)
        if not isinstance(command, JointCommand):
            return await self._carry_out(Act(main, {}), command, call, anew=anew)
        reached = sorted(command.reach(loaded.state), key=_place)
        async with AsyncExitStack() as turns:
            for reach in reached:
                await turns.enter_async_context(self._turn(reach.stream_id))
            act = Act(main, {reach.stream_id: await self._part(reach, anew=anew) for reach in reached})
            return await self._carry_out(act, command, call, anew=anew)

    async def _carry_out(self, act: Act, command: Command, call: Call, *, anew: bool) -> Outcome:
        context = self._context(command, call, act)
        try:
            changes = act.decided(command, context)
        except Refused:
            if anew or not await self._is_outdated(act):
                raise
            raise _Outdated from None
        return await self._append(changes, context, call)

    async def _load(self, aggregate: Aggregate[S], stream_id: UUID, *, anew: bool) -> Loaded[S]:
        loaded = await self._streams.load(aggregate, stream_id)
        return await self._streams.refresh(stream_id, loaded) if anew else loaded

    async def _part(self, reach: Reach, *, anew: bool) -> Part:
        aggregate = AGGREGATES[reach.kind]
        return Part(aggregate, reach.stream_id, await self._load(aggregate, reach.stream_id, anew=anew))

    async def _is_outdated(self, act: Act) -> bool:
        """Whether anything has changed meanwhile that the act was decided on."""
        fresh = [await self._streams.refresh(part.stream_id, part.loaded) is part.loaded for part in act.parts]
        return await self._directory.refresh() or not all(fresh)

    async def _append(self, changes: Sequence[Change], context: RuleContext, call: Call) -> Outcome:
        main = changes[-1]
        parts = dict(_new_parts(main.events))

        def answer(version: int, position: int) -> dict[str, Any]:
            return {"id": str(main.part.stream_id), "version": version, "position": position, **parts}

        unit = [_append_of(change, context, call) for change in changes]
        unit[-1] = unit[-1]._replace(idempotency=_idempotency(call, answer))
        try:
            recorded = await self._store.append_together(unit)
        except KeyDestroyed as erased:
            raise Refused("client_erased", id=erased.stream_id) from None
        for change, appended in zip(changes, recorded, strict=True):
            if change.events:
                self._streams.remember(change.part.stream_id, change.after(appended))
        if any(change.part.aggregate.in_directory for change in changes if change.events):
            await self._directory.refresh()
        return Outcome(answer(recorded[-1].version, recorded[-1].position))

    def _context(self, command: Command, call: Call, act: Act) -> RuleContext:
        """Time never goes back on a stream, even where the clocks of two processes differ."""
        now = max(datetime.now(UTC), act.latest)
        return RuleContext(
            now=now,
            occurred_at=command.occurred_at or now,
            actor=call.actor,
            regulation=self._directory.regulation,
            employee=self._directory.employee,
            new_id=call.ids(),
            known=act.finding(call.known or self._directory.known),
            holidays=LIBRARY,
            retold=call.retold,
        )

    async def _replay(self, call: Call) -> Outcome | None:
        assert call.idempotency_key is not None
        earlier = await self._store.find_answer(call.actor.employee_id, call.idempotency_key)
        if earlier is None:
            return None
        if earlier.request_digest != call.request_digest:
            raise KeyReused
        return Outcome(orjson.loads(earlier.response), replayed=True)

    def _turn(self, stream_id: UUID) -> asyncio.Lock:
        """One command at a time on a stream within this process. The lock is there for as long as somebody wants it."""
        lock = self._turns.get(stream_id)
        if lock is None:
            lock = self._turns[stream_id] = asyncio.Lock()
        return lock


_PLACES = {kind: place for place, kind in enumerate(AGGREGATES)}


def _place(reach: Reach) -> tuple[int, UUID]:
    return _PLACES[reach.kind], reach.stream_id


def _append_of(change: Change, context: RuleContext, call: Call) -> Append:
    return Append(
        stream_id=change.part.stream_id,
        expected_version=change.part.loaded.version,
        previous_digest=change.part.loaded.digest,
        facts=[(event, change.occurred_at) for event in change.events],
        actor=call.actor.employee_id,
        regulation_version=context.regulation.version,
        correlation_id=call.correlation_id,
        causation_id=call.causation_id,
        recorded_at=context.now,
    )


def _new_parts(events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    for event in events:
        if event.begins:
            yield event.begins, str(getattr(event, event.begins))


def _idempotency(call: Call, answer: Callable[[int, int], dict[str, Any]]) -> Idempotency | None:
    if call.idempotency_key is None:
        return None

    def response(version: int, position: int) -> str:
        return orjson.dumps(answer(version, position)).decode()

    return Idempotency(call.idempotency_key, call.request_digest, response)
