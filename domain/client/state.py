"""The client as decisions see it: one field per capability, folded from its own events."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, cast
from uuid import UUID

from domain.client.account import Account
from domain.client.approvals import Approvals
from domain.client.archive import Archive, RestoreClient
from domain.client.assignment import AssignEmployee, Assignment, TakePlannedLead
from domain.client.card import Card
from domain.client.categories import CategoryBasis
from domain.client.contacts import Contacts
from domain.client.deal_state import Deals
from domain.client.deals import OpenDeal, ReopenDeal, WinDeal
from domain.client.documents import SendProposal
from domain.client.dormancy import ExpectedInterval, Rhythm, expected_interval
from domain.client.duplicates import Duplicates
from domain.client.exchange_state import Exchanges
from domain.client.exchanges import AcceptExchange, OfferExchange
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import Handoffs
from domain.client.inquiries import Inquiries
from domain.client.key_persons import KeyPersons
from domain.client.merging import (
    Merging,
    ReleaseClient,
    UnmergeClient,
)
from domain.client.obligations import (
    Obligation,
    Obligations,
)
from domain.client.ordering import PlaceOrder, RequestOrderApproval
from domain.client.orders import Orders
from domain.client.owners import OWNERS
from domain.client.proposals import Proposals
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.qualification import (
    DisqualifyClient,
    Qualification,
    QualifyClient,
)
from domain.client.registration import RegisterClient, Registration, RegistrationWithdrawn
from domain.client.tasks import Tasks
from domain.kernel import Command, Event, Recorded, Refused, refuse_future
from domain.regulation.state import RuleContext
from domain.types import Step


class Client(NamedTuple):
    """A client. `version` is the version of its stream; 0 before registration.

    Parts to which nothing has happened yet are the same objects for all clients.
    """

    id: UUID
    version: int = 0
    registration: Registration = Registration()
    card: Card = Card()
    category_basis: CategoryBasis = CategoryBasis()
    key_persons: KeyPersons = KeyPersons()
    contacts: Contacts = Contacts()
    inquiries: Inquiries = Inquiries()
    tasks: Tasks = Tasks()
    assignment: Assignment = Assignment()
    qualification: Qualification = Qualification()
    handoffs: Handoffs = Handoffs()
    exchanges: Exchanges = Exchanges()
    deals: Deals = Deals()
    obligations: Obligations = Obligations()
    approvals: Approvals = Approvals()
    orders: Orders = Orders()
    account: Account = Account()
    proposals: Proposals = Proposals()
    archive: Archive = Archive()
    duplicates: Duplicates = Duplicates()
    merging: Merging = Merging()

    @staticmethod
    def empty(stream_id: UUID) -> "Client":
        """Before registration."""
        return Client(stream_id)

    def evolve(self, recorded: Recorded) -> "Client":
        """The client after one more event; only the parts that own the event see it."""
        if isinstance(recorded.event, RegistrationWithdrawn):
            return Client(self.id, recorded.version)
        parts: dict[str, Any] = {
            name: getattr(self, name).evolve(recorded) for name in OWNERS.get(type(recorded.event), ())
        }
        return self._replace(version=recorded.version, **parts)

    @property
    def worked_parts(self) -> list[str]:
        """The parts to which something has happened beyond registration and the assignment to an employee."""
        defaults = Client._field_defaults
        worked = [name for name in defaults if name not in _OF_REGISTRATION and getattr(self, name) != defaults[name]]
        return [*worked, "handoffs"] if self.handoffs.by_id else worked

    @property
    def step(self) -> Step:
        """The step the client is in."""
        return self.handoffs.step

    @property
    def owner(self) -> UUID | None:
        """Who works the client in its present step."""
        return self.assignment.employees.get(self.step)

    @property
    def personality_type(self) -> str | None:
        """The type on the card, else that of the first key person who decides and whose type is known."""
        return self.card.personality_type or self.key_persons.deciding_type

    @property
    def realised(self) -> dict[str, Decimal]:
        """The revenue of won deals and of orders that stand and fulfil no deal, by currency.

        It is without what came back and what was let down, of each deal or order at most all that it was worth.
        """
        won = ((key, deal.currency, deal.amount) for key, deal in self.deals.by_id.items() if deal.state == "won")
        ordered = ((key, order.currency, order.amount) for key, order in self.orders.by_id.items() if order.is_purchase)
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        lost = self._lost_revenue()
        for key, currency, amount in (*won, *ordered):
            sums[currency] += max(amount - lost.get(key, Decimal()), Decimal())
        return {currency: amount for currency, amount in sums.items() if amount}

    def _lost_revenue(self) -> Mapping[UUID, Decimal]:
        """What came back or was let down, by deal, or by order that fulfils none."""
        lost: defaultdict[UUID, Decimal] = defaultdict(Decimal)
        for key, order in self.orders.by_id.items():
            lost[self.orders.purchase(key)] += order.returned
        for invoice in self.account.invoices.values():
            key = self.orders.purchase(invoice.order_id) if invoice.order_id else invoice.deal_id
            if key:
                lost[key] += invoice.allowed
        return lost

    @property
    def owed(self) -> list[Obligation]:
        """What the firm still owes the client, the earliest due first. A lost deal binds nobody."""
        return [each for each in self.obligations.open if self.deals.by_id[each.deal_id].state != "lost"]

    @property
    def last_purchase_at(self) -> datetime | None:
        """When the client last ordered, or signed a deal that brought something."""
        moments = (self.orders.last_ordered_at, *self.deals.sold_at)
        return max((moment for moment in moments if moment), default=None)

    @property
    def expected_interval(self) -> ExpectedInterval | None:
        """The time from one purchase to the next that is expected, if it is known; an order of a deal is none."""
        ordered = (order.placed_at for order in self.orders.by_id.values() if order.is_purchase)
        return expected_interval(self.card.purchase_interval, Rhythm.of((*ordered, *self.deals.sold_at)))

    @property
    def dormant_from(self) -> datetime | None:
        """When the client becomes dormant: twice the expected interval after its last purchase."""
        interval, last = self.expected_interval, self.last_purchase_at
        return interval.dormant_from(last) if interval and last else None


_OF_REGISTRATION = frozenset(
    {"version", "registration", "card", "category_basis", "handoffs", "assignment", "duplicates"}
)


class ClientCommand(Protocol):
    """A command on a client."""

    def decide(self, client: Client, context: RuleContext) -> list[Event]: ...


COMMON_REFUSALS = (
    "in_future",
    "before_registration",
    "unknown_client",
    "client_archived",
    "client_merged",
    "client_erased",
)
"""What every command on a client may be refused for, beside its own `refusals`; the last one where it brings new
personal data, which the store would have to seal by the key that was destroyed."""

ADVANCING: tuple[type[Command], ...] = (
    AssignEmployee,
    TakePlannedLead,
    QualifyClient,
    DisqualifyClient,
    OfferHandoff,
    OfferExchange,
    AcceptExchange,
    OpenDeal,
    WinDeal,
    ReopenDeal,
    DraftProposal,
    ReviseProposal,
    SendProposal,
    PlaceOrder,
    RequestOrderApproval,
)
"""Commands that work a client towards a sale. One that was given up has to be reopened for them; what else happens
to it, such as a call, a payment or a task that is closed, is still recorded."""


def decide(command: Command, client: Client, context: RuleContext) -> list[Event]:
    """The new facts that a command makes on a client, or a refusal: first the rules that hold for every command."""
    refuse_future(context)
    if not isinstance(command, RegisterClient):
        _check_standing(command, client, context)
    return cast("ClientCommand", command).decide(client, context)


def _check_standing(command: Command, client: Client, context: RuleContext) -> None:
    registered_at = client.registration.registered_at
    if registered_at is None:
        raise Refused("unknown_client", id=client.id)
    if context.occurred_at < registered_at:
        raise Refused("before_registration", registered_at=registered_at, occurred_at=context.occurred_at)
    if client.merging.into and not isinstance(command, (UnmergeClient, ReleaseClient)):
        raise Refused("client_merged", id=client.id, into_id=client.merging.into)
    if client.archive.archived and not isinstance(command, (RestoreClient, ReleaseClient)):
        raise Refused("client_archived", id=client.id)
    if client.qualification.disqualified and isinstance(command, ADVANCING):
        raise Refused("client_disqualified", id=client.id, reason=client.qualification.disqualified)
