"""Proposals: the base of all of them, those whose time is over, and what comes of them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.client.archive import ClientArchived
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.deal_reasons import LossReason
from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalDrafted,
    ProposalExpired,
    ProposalLine,
    ProposalRevised,
    ProposalSent,
)
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.types import Category, Step
from projections.activity import SENT_PROPOSALS, ActivityView
from projections.activity_query import Days, work_by_day
from projections.paging import Page
from projections.period import Period
from projections.proposals import PROPOSALS, ProposalsView
from projections.proposals_query import (
    ProposalBy,
    ProposalState,
    WantedProposals,
    proposal_conversion,
    proposals,
    proposals_for_expiry,
)
from tests.domain.facts import REGISTERED
from tests.domain.papers import DRAFTED, PROPOSAL, SENT, WITH_SENT
from tests.projections.filled import fill_with, seen
from tests.spec import CLOSER, SELLER, Fact, at, day

VIEW = ProposalsView()
LETTER, OFFER = UUID(int=0x71), UUID(int=0x72)


def key(number: int) -> UUID:
    return UUID(int=number)


def drafted(number: int, total: int, text: str = "Труба", currency: str = "EUR", until: int = 20) -> ProposalDrafted:
    return DRAFTED.model_copy(
        update={
            "proposal_id": key(number),
            "number": f"2026-{number}",
            "deal_id": None,
            "lines": (ProposalLine(text=text, price=Decimal(total)),),
            "total": Decimal(total),
            "currency": currency,
            "expires_at": day(until),
        }
    )


def revised(number: int, total: int) -> ProposalRevised:
    offered = drafted(number, total, "Муфта")
    facts: dict[str, Any] = offered.model_dump(exclude={"step", "lines"}) | {"revision": 2}
    return ProposalRevised(**facts, lines=offered.lines)


def sent(number: int, template: UUID = OFFER, version: int = 1, document: int = 0) -> ProposalSent:
    return ProposalSent(
        proposal_id=key(number),
        revision=1,
        document_id=key(1000 + number + document),
        template_id=template,
        template_version=version,
    )


def accepted(number: int) -> ProposalAccepted:
    return ProposalAccepted(proposal_id=key(number), revision=1)


def declined(number: int, reason: LossReason) -> ProposalDeclined:
    return ProposalDeclined(proposal_id=key(number), revision=1, reason=reason)


class TestFold:
    def test_a_proposal_is_sent_and_answered(self) -> None:
        state = seen(VIEW, WITH_SENT, [at(day(9), declined(PROPOSAL.int, LossReason.PRICE))])
        (row,) = VIEW.parts(state)[PROPOSALS]
        named = dict(zip(PROPOSALS.c.keys(), row, strict=True))
        assert (named["state"], named["answered_at"], named["reason"]) == ("declined", day(9), "price")
        assert (named["sent_at"], named["sent_by"], named["template_version"]) == (day(7), CLOSER.id, 2)
        assert {"труба", "доставка", "pipes"} <= set(named["words"])

    def test_a_revision_is_a_draft_with_words_of_its_own(self) -> None:
        state = seen(VIEW, [REGISTERED, drafted(1, 5), sent(1), at(day(2), revised(1, 4))])
        proposal = state.by_id[key(1)]
        assert (proposal.answer.state, proposal.offered.revision, proposal.offered.total) == ("draft", 2, 4)
        assert "муфта" in proposal.offered.words
        assert "труба" not in proposal.offered.words
        assert [(each.document_id, each.total) for each in proposal.sendings] == [(key(1001), 5)]

    def test_what_happened_to_a_proposal_dated_later_is_passed_over(self) -> None:
        assert seen(VIEW, [REGISTERED, SENT]).by_id == {}

    def test_the_row_of_the_client_follows_the_card(self) -> None:
        moved = CardChanged(changed=("name", "origin"), name="Foundry", origin="tender")
        a = CategoryAssigned(category=Category.A, before=None, rule="Large")
        assert VIEW.columns(seen(VIEW, [REGISTERED, moved, a])) == ("Foundry", "tender", "A", None, "active")
        assert VIEW.columns(VIEW.start(key(1))) is None


def client(number: int, origin: str, *happened: tuple[float, Event]) -> tuple[UUID, list[Event | Fact]]:
    assigned = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
    facts: list[Event | Fact] = [ClientRegistered(name=f"Client {number}", origin=origin), assigned]
    return key(100 + number), [*facts, *(at(day(on), event, CLOSER) for on, event in happened)]


BASE = [
    client(
        1,
        "tender",
        (1, drafted(1, 100)),
        (2, sent(1)),
        (4, accepted(1)),
        (3, drafted(2, 200, "Муфта", until=5)),
        (4, sent(2)),
        (5, ProposalExpired(proposal_id=key(2), revision=1)),
        (6, drafted(3, 50)),
        (7, sent(3, version=2)),
    ),
    client(
        2,
        "social",
        (1, drafted(4, 70, currency="RUB")),
        (2, sent(4, LETTER)),
        (3, declined(4, LossReason.PRICE)),
        (8, drafted(5, 10)),
        (9, sent(5, version=2)),
        (10, revised(5, 9)),
    ),
    client(3, "social", (1, drafted(6, 1)), (2, sent(6)), (3, ClientArchived(step=Step.LEAD_GENERATION))),
]


class TestQueries:
    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await fill_with(engine, VIEW, BASE)

    async def listed(self, engine: AsyncEngine, page: Page | None = None, **wanted: Any) -> list[int]:
        async with engine.connect() as connection:
            found = await proposals(connection, WantedProposals(**wanted), page or Page())
        return [item["proposal_id"].int for item in found.items]

    async def test_lists_and_filters(self, engine: AsyncEngine) -> None:
        assert await self.listed(engine) == [1, 4, 6, 2, 3, 5]
        assert await self.listed(engine, state=ProposalState.SENT) == [6, 3]
        assert await self.listed(engine, search="муф") == [2, 5]
        assert await self.listed(engine, search="2026-4") == [4]
        assert await self.listed(engine, search="!") == []
        assert await self.listed(engine, by={"employee": CLOSER.id, "origin": "tender"}) == [1, 2, 3]
        assert await self.listed(engine, by={"owner": CLOSER.id}) == []
        assert await self.listed(engine, by={"reason": "price"}) == [4]
        assert await self.listed(engine, exact={"template_id": OFFER, "template_version": 2}) == [3, 5]
        assert await self.listed(engine, sent=Period(day(2), day(4))) == [1, 4, 6]
        assert await self.listed(engine, drafted=Period(day(6), None), is_sent=True) == [3, 5]
        async with engine.connect() as connection:
            first = await proposals(connection, WantedProposals(), Page(limit=4))
        assert await self.listed(engine, Page(first.next_cursor)) == [3, 5]

    async def test_those_whose_time_is_over(self, engine: AsyncEngine) -> None:
        """Not of an archived client, on which nothing happens any more."""
        async with engine.connect() as connection:
            assert await proposals_for_expiry(connection, day(19), 9) == []
            assert [each.proposal_id for each in await proposals_for_expiry(connection, day(20), 9)] == [key(3)]

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            (ProposalBy.TEMPLATE, {(OFFER,): (5, 1), (LETTER,): (1, 0)}),
            (ProposalBy.VERSION, {(OFFER, 1): (3, 1), (OFFER, 2): (2, 0), (LETTER, 1): (1, 0)}),
            (ProposalBy.EMPLOYEE, {(CLOSER.id,): (6, 1)}),
            (ProposalBy.STAGE, {("first_deal",): (6, 1)}),
            (ProposalBy.ORIGIN, {("tender",): (3, 1), ("social",): (3, 0)}),
            (ProposalBy.CATEGORY, {(None,): (6, 1)}),
            (ProposalBy.MONTH, {("2026-03",): (6, 1)}),
        ],
    )
    async def test_conversion(self, engine: AsyncEngine, by: ProposalBy, expected: dict[Any, Any]) -> None:
        keys = {ProposalBy.TEMPLATE: ("template_id",), ProposalBy.VERSION: ("template_id", "template_version")}
        async with engine.connect() as connection:
            found = await proposal_conversion(connection, by, Period(), None)
        names = keys.get(by, (by.value,))
        figures = {tuple(item[name] for name in names): (item["sent"], item["accepted"]) for item in found.items}
        assert figures == expected
        total = found.total
        assert (total["waiting"], total["revised"], total["expired"], total["declined"]) == (2, 1, 1, 1)
        assert (total["rate"], total["median_days"]) == (0.3333, 2.0)
        assert total["declined_by_reason"] == {"price": 1}
        assert total["amounts"] == {"EUR": {"sent": 361, "accepted": 100}, "RUB": {"sent": 70, "accepted": 0}}
        assert total["replaced"] == 0

    async def test_conversion_of_a_period_in_a_currency(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            found = await proposal_conversion(connection, ProposalBy.TEMPLATE, Period(day(4), None), "EUR")
        assert [(item["template_id"], item["sent"], item["rate"]) for item in found.items] == [(OFFER, 3, 0.0)]


RESENT = [
    client(
        1,
        "tender",
        (1, drafted(1, 100)),
        (2, sent(1)),
        (3, sent(1, document=1)),
        (40, sent(1, version=2, document=2)),
        (41, accepted(1)),
        (1, drafted(2, 30)),
        (2, sent(2)),
        (3, declined(2, LossReason.PRICE)),
    ),
    client(2, "social", (1, drafted(3, 10)), (2, sent(3)), (3, revised(3, 9)), (4, sent(3)), (5, revised(3, 8))),
]


class TestSentAnew:
    """One proposal is sent by the first version twice, and 37 days later by the second, by which it is accepted."""

    @pytest.fixture(autouse=True)
    async def _filled(self, engine: AsyncEngine) -> None:
        await fill_with(engine, VIEW, RESENT)

    async def figures(
        self, engine: AsyncEngine, by: ProposalBy, sent_within: Period
    ) -> tuple[dict[Any, tuple[Any, ...]], tuple[Any, ...]]:
        async with engine.connect() as connection:
            found = await proposal_conversion(connection, by, sent_within, None)
        names = ("sent", "accepted", "declined", "revised", "replaced", "rate", "median_days")
        key = "template_version" if by is ProposalBy.VERSION else by.value
        items = {item[key]: tuple(item[name] for name in names) for item in found.items}
        return items, tuple(found.total[name] for name in names)

    async def test_counts_in_each_version_and_what_became_of_it_in_the_last(self, engine: AsyncEngine) -> None:
        items, total = await self.figures(engine, ProposalBy.VERSION, Period())
        assert items == {1: (3, 0, 1, 1, 1, 0.0, None), 2: (1, 1, 0, 0, 0, 1.0, 1.0)}
        assert total == (3, 1, 1, 1, 0, 0.5, 1.0)

    async def test_and_so_in_each_month(self, engine: AsyncEngine) -> None:
        items, _ = await self.figures(engine, ProposalBy.MONTH, Period())
        assert items == {"2026-03": (3, 0, 1, 1, 1, 0.0, None), "2026-04": (1, 1, 0, 0, 0, 1.0, 1.0)}

    async def test_a_period_before_it_was_sent_anew_knows_it_as_replaced(self, engine: AsyncEngine) -> None:
        _, total = await self.figures(engine, ProposalBy.VERSION, Period(None, day(10)))
        assert total == (3, 0, 1, 1, 1, 0.0, None)

    async def test_amounts_are_what_was_offered_when_it_was_sent(self, engine: AsyncEngine) -> None:
        """100 and 30, and 9 of the third, which was sent at 10 before and is 8 in the draft."""
        async with engine.connect() as connection:
            found = await proposal_conversion(connection, ProposalBy.VERSION, Period(), None)
        assert found.items[0]["amounts"] == {"EUR": {"sent": 139, "accepted": 0}}
        assert found.total["amounts"] == {"EUR": {"sent": 139, "accepted": 100}}

    async def test_each_figure_opens_down_to_its_proposals(self, engine: AsyncEngine) -> None:
        async def listed(version: int, **wanted: Any) -> list[int]:
            exact = {"template_id": OFFER, "template_version": version}
            async with engine.connect() as connection:
                found = await proposals(connection, WantedProposals(exact=exact, **wanted), Page())
            return sorted(item["proposal_id"].int for item in found.items)

        assert (await listed(1), await listed(1, is_replaced=True)) == ([2, 3], [1])
        assert (await listed(2), await listed(2, is_replaced=True)) == ([1], [])
        assert await listed(1, is_replaced=True, by={"employee": CLOSER.id}, sent=Period(None, day(2.5))) == [1, 3]
        assert await listed(1, is_replaced=True, by={"employee": SELLER.id}) == []


async def test_a_proposal_sent_twice_on_a_day_counts_once(engine: AsyncEngine) -> None:
    history = [REGISTERED, *(at(day(on), sent(1, document=number), CLOSER) for number, on in enumerate((1, 1.1, 2)))]
    await fill_with(engine, ActivityView(), [(key(100), history[1:])])
    async with engine.connect() as connection:
        found = await work_by_day(connection, Days(day(0).date(), day(9).date(), "UTC"))
        assert len((await connection.execute(SENT_PROPOSALS.select())).all()) == 3
    assert sorted((each.day, each.work.proposals, each.work.contacts) for each in found) == [
        (day(1).date(), 1, 0),
        (day(2).date(), 1, 0),
    ]
