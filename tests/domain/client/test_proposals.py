"""Proposals, from the draft to the answer."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.client.deal_events import DealChanged, DealLost
from domain.client.deal_reasons import LossReason
from domain.client.handoff_events import HandoffOffered, PacketProposal
from domain.client.handoff_offer import OfferHandoff
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalExpired,
    ProposalRevised,
    less,
)
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.kernel import Command
from domain.types import Step
from tests.domain.facts import DEAL, IN_FIRST_DEAL, LEAD, WITH_DEAL, WON
from tests.domain.papers import DRAFTED, LINES, PROPOSAL, SENT, WANTED, WITH_DRAFT, WITH_SENT
from tests.spec import NOW, Refusal, at, day, given, new, refusal, rules

UNTIL = NOW.date()
DRAFT = DraftProposal(
    deal_id=DEAL, title="Pipes", lines=WANTED, discount=Decimal(10), currency="EUR", valid_until=day(20).date()
).model_copy(update={"occurred_at": day(6)})
REVISE = ReviseProposal(proposal_id=PROPOSAL, discount=Decimal(5), valid_until=UNTIL, comment="By phone")
ACCEPT = AcceptProposal(proposal_id=PROPOSAL, comment="Signed").model_copy(update={"occurred_at": day(8)})
DECLINE = DeclineProposal(proposal_id=PROPOSAL, reason=LossReason.PRICE).model_copy(update={"occurred_at": day(8)})
EXPIRE = ExpireProposal(proposal_id=PROPOSAL)
ACCEPTED = ProposalAccepted(proposal_id=PROPOSAL, revision=1, comment="Signed")
DECLINED = ProposalDeclined(proposal_id=PROPOSAL, revision=1, reason=LossReason.PRICE)
EXPIRED = ProposalExpired(proposal_id=PROPOSAL, revision=1)
AGREED = DealChanged(
    deal_id=DEAL,
    changed=("amount", "discount"),
    amount=Decimal(2430),
    discount=Decimal(670),
    proposal_id=PROPOSAL,
)
WITH_ACCEPTED = (*WITH_SENT, at(day(8), ACCEPTED))
WITH_DECLINED = (*WITH_SENT, at(day(8), DECLINED))
WITH_EXPIRED = (*WITH_SENT, at(DRAFTED.expires_at, EXPIRED))
GIVEN_UP = ClientDisqualified(step=Step.FIRST_DEAL, reason=DisqualificationReason.PRICE)
ENDS = DRAFTED.expires_at


def changed(command: Command, **fields: object) -> Command:
    return command.model_copy(update=fields)


REFUSALS = [
    refusal("unknown_deal", given(*IN_FIRST_DEAL), DRAFT),
    refusal("deal_not_open", given(*WITH_DEAL, at(day(6), WON)), DRAFT, {"state": "won"}),
    refusal(
        "currencies_mixed",
        given(*WITH_DEAL),
        changed(DRAFT, currency="RUB"),
        {"deal_id": DEAL, "deal_currency": "EUR", "currency": "RUB"},
    ),
    refusal("validity_over", given(*WITH_DEAL), changed(DRAFT, valid_until=day(5).date())),
    refusal("validity_over", given(*WITH_DEAL), changed(DRAFT, occurred_at=None), {"valid_until": day(20).date()}),
    refusal("before_its_cause", given(*WITH_DEAL), changed(DRAFT, occurred_at=day(4.5))),
    refusal("client_disqualified", given(*WITH_DEAL, GIVEN_UP), DRAFT),
    refusal("unknown_proposal", given(*WITH_DEAL), REVISE, {"proposal_id": PROPOSAL}),
    refusal("proposal_accepted", given(*WITH_ACCEPTED), REVISE),
    refusal("currencies_mixed", given(*WITH_DRAFT), changed(REVISE, currency="RUB")),
    refusal("validity_over", given(*WITH_DRAFT), changed(REVISE, valid_until=None), {"valid_until": day(20).date()}),
    refusal("nothing_to_change", given(*WITH_DRAFT), ReviseProposal(proposal_id=PROPOSAL, discount=Decimal(10))),
    refusal("before_its_cause", given(*WITH_SENT), changed(REVISE, occurred_at=day(6.5))),
    refusal("client_disqualified", given(*WITH_DRAFT, GIVEN_UP), REVISE),
    *[
        row
        for command in (ACCEPT, DECLINE)
        for row in (
            refusal("unknown_proposal", given(*WITH_DEAL), command),
            refusal("proposal_not_sent", given(*WITH_DRAFT), command, {"state": "draft"}),
            refusal("proposal_not_sent", given(*WITH_ACCEPTED), command, {"state": "accepted"}),
            refusal("proposal_not_sent", given(*WITH_DECLINED), command, {"state": "declined"}),
            refusal("proposal_expired", given(*WITH_SENT), changed(command, occurred_at=ENDS), {"expires_at": ENDS}),
            refusal("proposal_expired", given(*WITH_EXPIRED), changed(command, occurred_at=None)),
            refusal("before_its_cause", given(*WITH_SENT), changed(command, occurred_at=day(6.5))),
        )
    ],
    refusal("unknown_proposal", given(*WITH_DEAL), EXPIRE),
    *[
        refusal("proposal_not_sent", given(*history), EXPIRE)
        for history in (WITH_DRAFT, WITH_ACCEPTED, WITH_DECLINED, WITH_EXPIRED)
    ],
    refusal("proposal_not_expired", given(*WITH_SENT), changed(EXPIRE, occurred_at=day(8)), {"expires_at": ENDS}),
    refusal("before_its_cause", given(*WITH_SENT), changed(EXPIRE, occurred_at=day(6.5))),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_draft_adds_up_and_holds_to_the_end_of_its_day() -> None:
    client = given(*WITH_DEAL).when(DRAFT).then(DRAFTED.model_copy(update={"proposal_id": new(1)}))
    proposal = client.proposals.by_id[new(1)]
    assert (proposal.state, proposal.subtotal, proposal.total, proposal.given) == ("draft", 2700, 2430, 670)
    assert (proposal.expires_at, client.proposals.open) == (ENDS, [proposal])


def test_the_day_ends_in_the_time_zone_of_the_firm() -> None:
    (made,) = given(*WITH_DEAL).when(DRAFT, regulation=rules(time_zone="Europe/Moscow")).events()
    assert made.model_dump()["expires_at"] == ENDS.replace(day=ENDS.day - 1, hour=21)


def test_a_proposal_before_there_is_a_deal_with_a_number_of_the_firm() -> None:
    command = DraftProposal(number="2026-17", lines=WANTED[:1], currency="RUB", valid_until=UNTIL)
    made = given(*LEAD).when(command).after()
    (proposal,) = made.proposals.open
    assert (proposal.number, proposal.deal_id, proposal.total) == ("2026-17", None, 2300)
    second = DraftProposal(lines=WANTED[:1], currency="RUB", valid_until=UNTIL)
    (event,) = given(*WITH_DRAFT).when(second).events()
    assert event.model_dump()["number"] == "2"


def test_a_revision_takes_over_what_was_sent_and_has_to_be_sent_anew() -> None:
    client = given(*WITH_SENT).when(REVISE).after()
    proposal = client.proposals.by_id[PROPOSAL]
    assert (proposal.revision, proposal.state, proposal.total) == (2, "draft", 2565)
    assert (proposal.lines, proposal.title, proposal.number) == (LINES, "Pipes", "1")
    emptied = ReviseProposal(proposal_id=PROPOSAL, title=None, valid_until=UNTIL)
    (made,) = given(*WITH_SENT, at(day(8), SENT)).when(emptied).events()
    assert isinstance(made, ProposalRevised)
    assert (made.title, made.lines, made.total, made.valid_until) == (None, LINES, 2430, UNTIL)
    assert made.expires_at == NOW.replace(hour=0) + (day(1) - day(0))


@pytest.mark.parametrize("history", [WITH_DECLINED, WITH_EXPIRED])
def test_what_was_declined_or_has_expired_can_be_revised(history: tuple[object, ...]) -> None:
    client = given(*history).when(REVISE).after()  # pyright: ignore[reportArgumentType] - rows of facts
    assert client.proposals.by_id[PROPOSAL].state == "draft"


def test_answers() -> None:
    accepted = given(*WITH_SENT).when(ACCEPT).then(ACCEPTED, AGREED)
    declined = given(*WITH_SENT).when(DECLINE).then(DECLINED)
    expired = given(*WITH_SENT).when(changed(EXPIRE, occurred_at=ENDS)).then(EXPIRED)
    states = [client.proposals.by_id[PROPOSAL].state for client in (accepted, declined, expired)]
    assert states == ["accepted", "declined", "expired"]
    assert not accepted.proposals.open


def test_an_answer_given_in_time_is_recorded_after_the_expiry() -> None:
    assert given(*WITH_EXPIRED).when(ACCEPT).then(ACCEPTED, AGREED).proposals.by_id[PROPOSAL].state == "accepted"


def test_a_client_given_up_may_still_answer() -> None:
    given(*WITH_SENT, GIVEN_UP).when(ACCEPT).then(ACCEPTED, AGREED)


def test_a_deal_that_was_lost_leaves_its_proposals_to_be_answered() -> None:
    lost = at(day(7), DealLost(deal_id=DEAL, reason=LossReason.PRICE))
    given(*WITH_SENT, lost).when(DECLINE).then(DECLINED)


def test_the_packet_of_a_handoff_has_the_open_proposals() -> None:
    offer, *_ = given(*WITH_DRAFT, at(day(6), WON)).when(OfferHandoff()).events()
    assert isinstance(offer, HandoffOffered)
    assert offer.packet
    assert offer.packet.open_proposals == (
        PacketProposal(
            id=PROPOSAL,
            number="1",
            state="draft",
            title="Pipes",
            total=Decimal(2430),
            currency="EUR",
            valid_until=date(2026, 3, 22),
        ),
    )


@pytest.mark.parametrize(
    "line",
    [
        {"price": "1"},
        {"text": "  ", "price": "1"},
        {"text": "x", "price": "-1"},
        {"text": "x", "price": "1", "discount": "101"},
        {"text": "x", "price": "1", "quantity": "0"},
        {"text": "x"},
    ],
)
def test_lines_that_offer_nothing(line: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        WantedLine.model_validate(line)


def test_lines_that_nobody_could_pay() -> None:
    dear = {"text": "x", "price": "999999999999", "quantity": "999999999"}
    with pytest.raises(ValidationError, match="must be less than"):
        DraftProposal.model_validate({"lines": [dear] * 200, "currency": "EUR", "valid_until": "2030-01-01"})


def test_halves_of_a_cent_go_up() -> None:
    assert less(Decimal("0.05"), Decimal(50)) == Decimal("0.03")
    assert LINES[1].amount == 400
