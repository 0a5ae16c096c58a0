"""The keys of clients, dismissed pairs, and merges on which two streams do not agree."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.card import CardChanged
from domain.client.duplicates import DuplicateAllowed, DuplicateDismissed
from domain.client.merging import ClientAbsorbed, ClientMerged, ClientReleased, ClientUnmerged
from domain.client.registration import ClientRegistered
from domain.types import Step
from projections.duplicates import ABSORBED, DISMISSALS, KEYS, DuplicatesView, Identity
from projections.duplicates_query import clients_by_key, disagreeing, identities, sharing, spelt_nearby
from tests.projections.filled import fill, seen

VIEW = DuplicatesView()
ONE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
REGISTERED = ClientRegistered(
    name="ООО «Северная сталь»", region="Урал", tax_id="7707083893", phones=("8 495 123-45-67",), site="steel.example"
)


class TestFold:
    def test_the_keys_of_a_client(self) -> None:
        state = seen(VIEW, [REGISTERED], stream_id=ONE)
        assert VIEW.columns(state) == ("северная сталь", "урал", None, "северн  / урал", " сталь  / урал")
        assert VIEW.parts(state)[KEYS] == [
            (ONE, "domain", "steel.example"),
            (ONE, "phone", "1234567"),
            (ONE, "tax_id", "7707083893"),
            (ONE, "name", "северная сталь / урал"),
        ]

    def test_they_change_with_the_card(self) -> None:
        changed = CardChanged(changed=("tax_id", "phones", "emails"), emails=("a@b.example",))
        state = seen(VIEW, [REGISTERED, changed], stream_id=ONE)
        assert [row[2] for row in VIEW.parts(state)[KEYS]] == [
            "b.example",
            "steel.example",
            "a@b.example",
            "северная сталь / урал",
        ]

    def test_an_erased_client_has_none(self) -> None:
        state = seen(VIEW, [REGISTERED.model_copy(update=dict.fromkeys(REGISTERED.personal_fields))], stream_id=ONE)
        assert (VIEW.columns(state)[0], VIEW.columns(state)[3:]) == ("", (None, None))
        assert VIEW.parts(state)[KEYS] == [(ONE, "domain", "steel.example")]

    def test_clients_told_apart(self) -> None:
        allowed, dismissed = DuplicateAllowed(client_ids=(OTHER, THIRD)), DuplicateDismissed(other_id=OTHER)
        state = seen(VIEW, [REGISTERED, allowed, dismissed], stream_id=ONE)
        assert VIEW.parts(state)[DISMISSALS] == [(ONE, OTHER), (ONE, THIRD)]

    def test_who_stands_for_whom(self) -> None:
        state = seen(VIEW, [REGISTERED, ClientMerged(into_id=OTHER)], stream_id=ONE)
        assert VIEW.columns(state)[2] == OTHER
        parted = seen(VIEW, [REGISTERED, ClientMerged(into_id=OTHER), ClientUnmerged(from_id=OTHER)], stream_id=ONE)
        assert VIEW.columns(parted)[2] is None
        survivor = seen(VIEW, [ClientAbsorbed(client_id=ONE), ClientAbsorbed(client_id=THIRD)], stream_id=OTHER)
        assert VIEW.parts(survivor)[ABSORBED] == [(OTHER, ONE), (OTHER, THIRD)]
        released = seen(VIEW, [ClientAbsorbed(client_id=ONE), ClientReleased(client_id=ONE)], stream_id=OTHER)
        assert not VIEW.parts(released)[ABSORBED]

    def test_an_archived_client_is_known_as_such(self) -> None:
        assert seen(VIEW, [REGISTERED, ClientArchived(step=Step.LEAD_GENERATION)]).standing.archived


class TestQueries:
    async def test_clients_are_found_by_any_of_their_keys(self, engine: AsyncEngine) -> None:
        clients = [
            Identity(ONE, tax_id="1234567890"),
            Identity(OTHER, emails=("a@b.example",)),
            Identity(THIRD, name="Third"),
        ]
        await fill(engine, VIEW, [(client.id, client) for client in clients])
        async with engine.connect() as connection:
            found = await sharing(connection, [("tax_id", "1234567890"), ("domain", "b.example"), ("phone", "1234567")])
            assert {client.id for client in found} == {ONE, OTHER}
            assert await sharing(connection, [("phone", "1234567890")]) == []
            assert await sharing(connection, []) == []
            assert set(await identities(connection, [ONE, THIRD, UUID(int=9)])) == {ONE, THIRD}

    async def test_clients_by_each_key_but_one_that_too_many_share(self, engine: AsyncEngine) -> None:
        number, domain = ("tax_id", "1234567890"), ("domain", "b.example")
        clients = [Identity(ONE, tax_id="1234567890"), *(Identity(each, site="b.example") for each in (OTHER, THIRD))]
        await fill(engine, VIEW, [(client.id, client) for client in clients])
        async with engine.connect() as connection:
            assert await clients_by_key(connection, [number, domain, ("phone", "1")], 1) == {number: clients[:1]}
            found = await clients_by_key(connection, [domain, domain], 2)
            assert {client.id for client in found[domain]} == {OTHER, THIRD}
            assert await clients_by_key(connection, [], 2) == {}

    async def test_clients_are_found_by_half_a_name(self, engine: AsyncEngine) -> None:
        clients = [
            Identity(ONE, "ООО «Северная сталь»", "Урал"),
            Identity(OTHER, "Северная сталь", "Алтай"),
            Identity(THIRD, "Северная сталь 2", "Урал"),
        ]
        await fill(engine, VIEW, [(client.id, client) for client in clients])
        mistyped = Identity(UUID(int=9), "Севреная сталь ООО", "урал").spelling
        assert mistyped
        async with engine.connect() as connection:
            assert await spelt_nearby(connection, mistyped.nearby) == [(" сталь  / урал", ONE, "северная сталь")]
            assert await spelt_nearby(connection, ()) == []

    async def test_merges_that_only_one_side_knows_of(self, engine: AsyncEngine) -> None:
        merged = Identity(ONE).standing._replace(merged_into=OTHER)
        agreeing = [Identity(ONE, standing=merged), Identity(OTHER, absorbed=(ONE,))]
        unheard = [Identity(UUID(int=11), standing=merged)]
        unsaid = [Identity(UUID(int=12), name="Unsaid"), Identity(UUID(int=13), absorbed=(UUID(int=12), ONE))]
        clients = [*agreeing, *unheard, *unsaid]
        await fill(engine, VIEW, [(client.id, client) for client in clients])
        async with engine.connect() as connection:
            found = await disagreeing(connection, 10)
        assert set(found) == {(UUID(int=11), OTHER), (UUID(int=12), UUID(int=13)), (ONE, UUID(int=13))}
