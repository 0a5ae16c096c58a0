"""The client's card: everything that whoever works the client needs at once, in one row per client."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.client.account_events import (
    InvoiceCredited,
    InvoiceIssued,
    PaymentAllocated,
    PaymentCorrected,
    PaymentReceived,
    PaymentReleased,
    RefundMade,
)
from domain.client.approvals import ApprovalGiven, ApprovalRefused, ApprovalRequested
from domain.client.archive import ClientArchived, ClientRestored
from domain.client.assignment import EmployeeAssigned
from domain.client.card import Card, CardChanged
from domain.client.categories import CategoryBasis
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.client.contacts import ContactRecorded
from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.decisions import DecisionMade
from domain.client.documents import DocumentSent
from domain.client.dormancy import ExpectedInterval, expected_interval
from domain.client.duplicates import DuplicateAllowed, DuplicateDismissed
from domain.client.exchange_events import (
    ExchangeAccepted,
    ExchangeDeclined,
    ExchangeExpired,
    ExchangeOffered,
    ExchangeWithdrawn,
)
from domain.client.handoff_events import (
    HandoffAccepted,
    HandoffExpired,
    HandoffOffered,
    HandoffReturned,
    HandoffWithdrawn,
)
from domain.client.inquiries import InquiryAnswered, InquiryClosed, InquiryReceived
from domain.client.key_persons import KeyPersonAdded, KeyPersonChanged, KeyPersonRemoved
from domain.client.merging import ClientAbsorbed, ClientMerged, ClientReleased, ClientUnmerged, Merging
from domain.client.obligations import (
    ObligationFulfilled,
    ObligationPostponed,
    ObligationUndertaken,
    ObligationWaived,
)
from domain.client.order_events import (
    DelayTold,
    GoodsReturned,
    OrderCancelled,
    OrderConfirmed,
    OrderPlaced,
    OrderReduced,
    OrderShipped,
    ShipmentDelivered,
)
from domain.client.proposal_events import (
    ProposalAccepted,
    ProposalDeclined,
    ProposalDrafted,
    ProposalExpired,
    ProposalRevised,
    ProposalSent,
)
from domain.client.qualification import ClientDisqualified, ClientQualified, ClientReopened
from domain.client.questionnaires import QuestionnaireAnswered
from domain.client.registration import ClientRegistered, Registration
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.kernel import Event, Recorded
from projections.card_agreements import Agreements, CardObligation
from projections.card_assignment import Working
from projections.card_proposals import OpenProposals
from projections.card_trade import Trade
from projections.card_work import Conversations, Judgements, Offers, OpenInquiries, OpenTasks, People
from projections.kernel import Row, View, view_table
from projections.place import Place

PARTS: Mapping[type[Event], tuple[str, ...]] = {
    ClientRegistered: ("registration", "card", "place", "category_basis"),
    CardChanged: ("card", "category_basis"),
    CategoryAssigned: ("card", "category_basis"),
    CategoryReleased: ("category_basis",),
    KeyPersonAdded: ("people",),
    KeyPersonChanged: ("people",),
    KeyPersonRemoved: ("people",),
    ContactRecorded: ("contacts",),
    InquiryReceived: ("inquiries",),
    InquiryAnswered: ("inquiries",),
    InquiryClosed: ("inquiries",),
    TaskSet: ("tasks",),
    TaskCompleted: ("tasks",),
    TaskPostponed: ("tasks",),
    TaskPassedOn: ("tasks",),
    TaskCancelled: ("tasks",),
    EmployeeAssigned: ("place", "working"),
    ClientQualified: ("judgements",),
    ClientDisqualified: ("judgements", "place"),
    ClientReopened: ("place",),
    HandoffOffered: ("offers",),
    HandoffAccepted: ("offers", "place", "judgements", "working"),
    HandoffReturned: ("offers",),
    HandoffWithdrawn: ("offers",),
    HandoffExpired: ("offers",),
    ExchangeOffered: ("working",),
    ExchangeAccepted: ("working",),
    ExchangeDeclined: ("working",),
    ExchangeWithdrawn: ("working",),
    ExchangeExpired: ("working",),
    DealOpened: ("trade",),
    DealChanged: ("trade",),
    DealWon: ("trade", "agreements"),
    DealCorrected: ("trade",),
    ApprovalRequested: ("agreements",),
    ApprovalGiven: ("agreements",),
    ApprovalRefused: ("agreements",),
    DealLost: ("trade",),
    DealReopened: ("trade",),
    ObligationUndertaken: ("agreements",),
    ObligationFulfilled: ("agreements",),
    ObligationPostponed: ("agreements",),
    ObligationWaived: ("agreements",),
    ProposalDrafted: ("proposals",),
    ProposalRevised: ("proposals",),
    ProposalSent: ("proposals",),
    ProposalAccepted: ("proposals",),
    ProposalDeclined: ("proposals",),
    ProposalExpired: ("proposals",),
    DocumentSent: (),
    QuestionnaireAnswered: (),
    OrderPlaced: ("trade",),
    OrderCancelled: ("trade",),
    OrderReduced: ("trade",),
    GoodsReturned: ("trade",),
    OrderConfirmed: (),
    OrderShipped: (),
    ShipmentDelivered: (),
    DelayTold: (),
    InvoiceIssued: (),
    InvoiceCredited: ("trade",),
    PaymentReceived: ("trade",),
    PaymentAllocated: (),
    PaymentReleased: (),
    PaymentCorrected: ("trade",),
    RefundMade: ("trade",),
    DecisionMade: (),
    DuplicateAllowed: (),
    DuplicateDismissed: (),
    ClientMerged: ("place",),
    ClientUnmerged: ("place",),
    ClientAbsorbed: ("merging",),
    ClientReleased: ("merging",),
    ClientArchived: ("judgements", "place"),
    ClientRestored: ("place",),
}
"""Which parts of the card an event changes. Every event of the client's stream is listed, for the version's sake."""


class ClientCard(NamedTuple):
    """A client's card. `version` is that of its stream; 0 before registration.

    `trade` is of what stands on the stream itself; `merging` names the clients that this one stands for.
    """

    id: UUID
    version: int = 0
    registration: Registration = Registration()
    card: Card = Card()
    place: Place = Place()
    judgements: Judgements = Judgements()
    people: People = People()
    contacts: Conversations = Conversations()
    tasks: OpenTasks = OpenTasks()
    offers: Offers = Offers()
    working: Working = Working()
    trade: Trade = Trade()
    category_basis: CategoryBasis = CategoryBasis()
    inquiries: OpenInquiries = OpenInquiries()
    proposals: OpenProposals = OpenProposals()
    agreements: Agreements = Agreements()
    merging: Merging = Merging()

    @property
    def owed(self) -> list[CardObligation]:
        """What the firm still owes the client, the earliest due first. A lost deal binds nobody."""
        lost = {key for key, deal in self.trade.deals.items() if deal.state == "lost"}
        return [owed for owed in self.agreements.by_due() if owed.deal_id not in lost]

    @property
    def dormant_from(self) -> datetime | None:
        """When the client becomes dormant: twice the expected interval after its last purchase."""
        interval, last = self.expected_interval, self.trade.last_purchase
        return interval.dormant_from(last.at) if interval and last else None

    @property
    def expected_interval(self) -> ExpectedInterval | None:
        """The time from one purchase to the next that is expected, if it is known."""
        return expected_interval(self.card.purchase_interval, self.trade.rhythm)


_VERSION = ClientCard._fields.index("version")
_PLACES = {event: [ClientCard._fields.index(part) for part in parts] for event, parts in PARTS.items()}
CARDS = view_table("cards")


class CardView(View[ClientCard]):
    """The card of each client."""

    name: ClassVar = "card"
    revision: ClassVar = 14
    reads: ClassVar[frozenset[type[Event]]] = frozenset(PARTS)
    table: ClassVar = CARDS
    state_type = ClientCard

    def start(self, stream_id: UUID) -> ClientCard:
        return ClientCard(stream_id)

    def evolve(self, state: ClientCard, recorded: Recorded) -> ClientCard:
        parts: list[Any] = list(state)
        parts[_VERSION] = recorded.version
        for place in _PLACES[type(recorded.event)]:
            parts[place] = parts[place].evolve(recorded)
        return ClientCard._make(parts)

    def columns(self, state: ClientCard) -> Row | None:
        return () if state.registration.registered_at else None


_VIEW = CardView()


async def read_card(connection: AsyncConnection, client_id: UUID) -> ClientCard | None:
    """The card of a client, if there is one."""
    return next(iter(await read_cards(connection, [client_id])), None)


async def read_cards(connection: AsyncConnection, client_ids: Collection[UUID]) -> list[ClientCard]:
    """The cards of those clients that have one."""
    found = await connection.execute(select(CARDS.c.state).where(CARDS.c.id.in_(client_ids)))
    return [_VIEW.from_json(row.state) for row in found]


async def read_absorbed(connection: AsyncConnection, card: ClientCard) -> list[ClientCard]:
    """The cards of the clients that this one stands for, of those that they stood for, and so on."""
    found, level = {card.id: card}, [card]
    while absorbed := {key for each in level for key in each.merging.absorbed} - found.keys():
        level = await read_cards(connection, absorbed)
        found |= {each.id: each for each in level}
    return list(found.values())[1:]


def card_of(client_id: UUID, events: Sequence[Recorded]) -> ClientCard | None:
    """The card that follows from events of the stream alone; None where no client was registered on it by then."""
    card = _VIEW.start(client_id)
    for recorded in events:
        if recorded.event.topic in _VIEW.topics:
            card = _VIEW.after(card, recorded)
    return card if card.registration.registered_at else None
