"""Proposals: the base of all of them, how each stands, and by which template it was sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Index, Integer, Numeric, Table, Text, Uuid, func

from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalDrafted,
    ProposalExpired,
    ProposalFacts,
    ProposalRevised,
    ProposalSent,
)
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from projections.kernel import Row, View, metadata, view_table
from projections.place import PLACE_EVENTS, Place
from projections.words import distinct, words_of_text

PROPOSAL_EVENTS: frozenset[type[Event]] = frozenset(
    {ProposalDrafted, ProposalRevised, ProposalSent, ProposalAccepted, ProposalDeclined, ProposalExpired}
)
_ON_THE_CARD = ("name", "origin", "category")


class Offered(NamedTuple):
    """What the last revision offers, and the words in it."""

    revision: int
    title: str | None
    total: Decimal
    currency: str
    valid_until: date
    expires_at: datetime
    words: tuple[str, ...]


class Sending(NamedTuple):
    """When and by whom it was sent, by which template, as which document, and what it offered then."""

    at: datetime
    by: UUID
    template_id: UUID
    template_version: int
    document_id: UUID
    total: Decimal
    currency: str


class Answer(NamedTuple):
    """How it stands: draft, sent, accepted, declined or expired, since when, and why it was declined."""

    state: str = "draft"
    at: datetime | None = None
    reason: str | None = None


class KnownProposal(NamedTuple):
    """A proposal."""

    id: UUID
    number: str
    deal_id: UUID | None
    stage: str
    drafted_at: datetime
    drafted_by: UUID
    offered: Offered
    sendings: tuple[Sending, ...] = ()
    answer: Answer = Answer()


class ClientProposals(NamedTuple):
    """The proposals of one client by id, and where the client stands."""

    id: UUID
    name: str | None = None
    origin: str | None = None
    category: str | None = None
    place: Place = Place()
    by_id: Mapping[UUID, KnownProposal] = {}


CLIENTS = view_table(
    "proposal_clients",
    Column("name", Text),
    Column("origin", Text),
    Column("category", Text),
    Column("owner_id", Uuid),
    Column("status", Text, nullable=False),
)
"""One row per client, which the proposals are joined with: its owner changes without touching them."""
PROPOSALS = Table(
    "proposals",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("proposal_id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("deal_id", Uuid),
    Column("stage", Text, nullable=False),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("drafted_by", Uuid, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("title", Text),
    Column("total", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("words", ARRAY(Text), nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("sent_by", Uuid),
    Column("template_id", Uuid),
    Column("template_version", Integer),
    Column("document_id", Uuid),
    Column("state", Text, nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("reason", Text),
    Index("proposals_drafted", "drafted_at", "proposal_id"),
    Index("proposals_expiry", "state", "expires_at"),
    Index("proposals_sent", "sent_at"),
)
SENDINGS = Table(
    "proposal_sendings",
    metadata,
    Column("client_id", Uuid, primary_key=True),
    Column("proposal_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sent_at", DateTime(timezone=True), nullable=False),
    Column("sent_by", Uuid, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("total", Numeric, nullable=False),
    Column("currency", Text, nullable=False),
    Column("is_last", Boolean, nullable=False),
    Index("proposal_sendings_sent", "sent_at"),
)
"""Each time that a proposal was sent: by which version of a template, and whether it was the last time so far."""
WORDS = func.array_to_tsvector(PROPOSALS.c.words)
Index("proposals_words", WORDS, postgresql_using="gin")


class ProposalsView(View[ClientProposals]):
    """All proposals; one part row per proposal, and one per sending."""

    name: ClassVar = "proposals"
    revision: ClassVar = 2
    reads: ClassVar[frozenset[type[Event]]] = PLACE_EVENTS | PROPOSAL_EVENTS | {CardChanged, CategoryAssigned}
    table: ClassVar = CLIENTS
    part_tables: ClassVar = (PROPOSALS, SENDINGS)
    state_type = ClientProposals

    def start(self, stream_id: UUID) -> ClientProposals:
        return ClientProposals(stream_id)

    def evolve(self, state: ClientProposals, recorded: Recorded) -> ClientProposals:
        match recorded.event:
            case ClientRegistered() as event:
                known = {name: getattr(event, name) for name in _ON_THE_CARD}
                return state._replace(**known, place=state.place.evolve(recorded))
            case CardChanged(changed=changed) as event:
                return state._replace(**{name: getattr(event, name) for name in _ON_THE_CARD if name in changed})
            case CategoryAssigned(category=category):
                return state._replace(category=category.value)
            case event if type(event) in PROPOSAL_EVENTS:
                return _happened(state, event, recorded)
            case _:
                return state._replace(place=state.place.evolve(recorded))

    def columns(self, state: ClientProposals) -> Row | None:
        place = state.place
        return None if place.since is None else (*state[1:4], place.owner, place.status.value)

    def parts(self, state: ClientProposals) -> Mapping[Table, Sequence[Row]]:
        known = state.by_id.values()
        return {
            PROPOSALS: [_row(state.id, proposal) for proposal in known],
            SENDINGS: [row for proposal in known for row in _sending_rows(state.id, proposal)],
        }


_NEVER_SENT = (None,) * 5


def _row(client_id: UUID, proposal: KnownProposal) -> Row:
    *facts, offered, sendings, answer = proposal
    sent = sendings[-1][:5] if sendings else _NEVER_SENT
    return (client_id, *facts, *offered[:-1], list(offered.words), *sent, *answer)


def _sending_rows(client_id: UUID, proposal: KnownProposal) -> Iterator[Row]:
    for number, sending in enumerate(proposal.sendings, 1):
        at, by, template_id, version, _, total, currency = sending
        is_last = number == len(proposal.sendings)
        yield (client_id, proposal.id, number, at, by, template_id, version, total, currency, is_last)


def _happened(state: ClientProposals, event: Any, recorded: Recorded) -> ClientProposals:
    """After something happened to a proposal. One that is not known is passed over: it may be dated later."""
    known = _drafted(event, recorded) if isinstance(event, ProposalDrafted) else state.by_id.get(event.proposal_id)
    if known is None:
        return state
    return state._replace(by_id={**state.by_id, known.id: _after(known, event, recorded)})


def _drafted(event: ProposalDrafted, recorded: Recorded) -> KnownProposal:
    at, by = recorded.occurred_at, recorded.actor
    return KnownProposal(
        event.proposal_id, event.number, event.deal_id, event.step.value, at, by, _offered(event, event.number)
    )


def _offered(event: ProposalFacts, number: str) -> Offered:
    words = tuple(distinct(_words(event, number)))
    return Offered(event.revision, event.title, event.total, event.currency, event.valid_until, event.expires_at, words)


def _words(event: ProposalFacts, number: str) -> Iterator[str]:
    yield from words_of_text(number)
    yield from words_of_text(event.title)
    yield from words_of_text(event.terms)
    for line in event.lines or ():
        yield from words_of_text(line.article)
        yield from words_of_text(line.text)


def _after(proposal: KnownProposal, event: Any, recorded: Recorded) -> KnownProposal:
    at = recorded.occurred_at
    match event:
        case ProposalRevised():
            return proposal._replace(offered=_offered(event, proposal.number), answer=Answer())
        case ProposalSent():
            made = (event.template_id, event.template_version, event.document_id)
            offered = (proposal.offered.total, proposal.offered.currency)
            sending = Sending(at, recorded.actor, *made, *offered)
            return proposal._replace(sendings=(*proposal.sendings, sending), answer=Answer("sent"))
        case ProposalAccepted():
            return proposal._replace(answer=Answer("accepted", at))
        case ProposalDeclined(reason=reason):
            return proposal._replace(answer=Answer("declined", at, reason.value))
        case ProposalExpired():
            return proposal._replace(answer=Answer("expired", at))
        case _:
            return proposal
