"""Merges and their ends that were broken off half-way, and what comes of them."""

import asyncio
from uuid import UUID, uuid4

import pytest

from app.execute import CLIENT, Call
from app.services import Services
from app.settling import settle_all
from app.worker import BY_RULE
from domain.client.duplicates import OtherClient
from domain.client.merging import AbsorbClient, MergeClient, UnmergeClient
from tests.app.api.conftest import Api
from tests.app.api.test_merging import SOLD, WHY, id_of, merged, revenues, served, topics, two
from tests.spec import START, finds


async def half_parted(api: Api, services: Services, *names: str) -> list[str]:
    """Clients the first of which was merged into the second; the service is killed when they are half parted."""
    first, second, *others = [await served(api, name) for name in names]
    await merged(api, first, second)
    call = Call(BY_RULE, uuid4())
    await services.executor.execute(CLIENT, UUID(id_of(first)), UnmergeClient(reason="Two"), call)
    return [first, second, *others]


class TestHalfParted:
    """The process is killed after the loser's event and before the survivor's, and the next merge comes at once."""

    async def test_the_survivor_brings_its_own_survivor_nothing_of_the_parted_one(
        self, api: Api, services: Services
    ) -> None:
        first, second, last = await half_parted(api, services, "First", "Second", "Last")
        merge = await merged(api, second, last)
        assert await revenues(api, after=merge["position"]) == {"Last": "2000.00", "First": "1000.00"}
        assert (await topics(api, first))[0] == "clients.unmerged"

    async def test_merged_again_it_brings_what_it_bought_meanwhile(self, api: Api, services: Services) -> None:
        loser, survivor = await half_parted(api, services, "Loser", "Survivor")
        await api.made(loser + "/orders", SOLD)
        merge = await merged(api, loser, survivor)
        assert await revenues(api, after=merge["position"]) == {"Survivor": "2100.00"}

    async def test_merged_into_another_it_counts_with_that_one_only(self, api: Api, services: Services) -> None:
        loser, former, survivor = await half_parted(api, services, "Loser", "Former", "Survivor")
        merge = await merged(api, loser, survivor)
        assert await revenues(api, after=merge["position"]) == {"Survivor": "2000.00", "Former": "1000.00"}
        assert (await topics(api, former))[0] == "clients.released"


class TestAtTheSameMoment:
    async def test_parted_from_a_client_that_is_being_merged_it_counts_alone(
        self, api: Api, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The survivor is read, is merged by somebody else, and then the loser is parted from it."""
        first, second, last = [await served(api, name) for name in ("First", "Second", "Last")]
        await merged(api, first, second)
        await merged(api, second, last)

        async def as_it_was(_services: Services, client_id: UUID) -> OtherClient:
            return OtherClient(client_id, START)

        monkeypatch.setattr("app.merging.other_client", as_it_was)
        await api.made(first + "/unmerge", {"reason": "Two firms"})
        assert (await topics(api, last))[:2] == ["clients.absorbed", "clients.released"]
        assert await revenues(api, after=await services.store.head()) == {"Last": "2000.00", "First": "1000.00"}


class TestHalfWay:
    """The process is killed after the loser's event and before the survivor's."""

    async def half_merged(self, api: Api, services: Services) -> tuple[str, str]:
        loser, survivor = await two(api)
        other = OtherClient(UUID(id_of(survivor)), START)
        call = Call(BY_RULE, uuid4(), known=finds(other))
        await services.executor.execute(CLIENT, UUID(id_of(loser)), MergeClient(into_id=other.id, reason="One"), call)
        return loser, survivor

    async def test_the_same_request_settles_it(self, api: Api, services: Services) -> None:
        loser, survivor = await self.half_merged(api, services)
        answer = await api.post(loser + "/merge", WHY | {"into_id": id_of(survivor)})
        assert answer.json()["code"] == "client_merged"
        assert (await topics(api, survivor))[0] == "clients.absorbed"

    async def test_the_worker_settles_it(self, api: Api, services: Services) -> None:
        _, survivor = await self.half_merged(api, services)
        await api.get("/duplicates", after=await services.store.head())
        assert await settle_all(services.engine, services.executor, Call(BY_RULE, uuid4())) == 1
        await api.get("/duplicates", after=await services.store.head())
        assert (await topics(api, survivor))[0] == "clients.absorbed"
        assert await settle_all(services.engine, services.executor, Call(BY_RULE, uuid4())) == 0

    async def test_a_merge_that_cannot_be_settled_is_taken_back(self, api: Api, services: Services) -> None:
        loser, survivor = await self.half_merged(api, services)
        await api.made(survivor + "/archive")
        await api.get("/duplicates", after=await services.store.head())
        assert await settle_all(services.engine, services.executor, Call(BY_RULE, uuid4())) == 1
        assert (await topics(api, loser))[0] == "clients.unmerged"

    async def test_a_survivor_that_claims_too_much_is_corrected(self, api: Api, services: Services) -> None:
        loser, survivor = await two(api)
        claim = AbsorbClient(client_id=UUID(id_of(loser)))
        await services.executor.execute(CLIENT, UUID(id_of(survivor)), claim, Call(BY_RULE, uuid4()))
        await api.get("/duplicates", after=await services.store.head())
        assert await settle_all(services.engine, services.executor, Call(BY_RULE, uuid4())) == 1
        assert (await topics(api, survivor))[0] == "clients.released"

    async def test_two_merged_into_each_other_at_the_same_moment(self, api: Api, services: Services) -> None:
        """At most one of the two stands; never do both point to each other in the end."""
        for _ in range(5):
            one, other = await two(api)
            await asyncio.gather(
                api.post(one + "/merge", WHY | {"into_id": id_of(other)}),
                api.post(other + "/merge", WHY | {"into_id": id_of(one)}),
            )
            await api.get("/duplicates", after=await services.store.head())
            await settle_all(services.engine, services.executor, Call(BY_RULE, uuid4()))
            clients = [await services.executor.read(CLIENT, UUID(id_of(path))) for path in (one, other)]
            assert sum(client.merging.into is not None for client in clients) <= 1
