"""Which parts of the client read which event."""

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
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned, CategoryReleased
from domain.client.contacts import ContactRecorded
from domain.client.deal_events import DealChanged, DealCorrected, DealLost, DealOpened, DealReopened, DealWon
from domain.client.decisions import DecisionMade
from domain.client.documents import DocumentSent
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
from domain.client.merging import ClientAbsorbed, ClientMerged, ClientReleased, ClientUnmerged
from domain.client.obligations import ObligationFulfilled, ObligationPostponed, ObligationUndertaken, ObligationWaived
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
from domain.client.registration import ClientRegistered, RegistrationWithdrawn
from domain.client.tasks import TaskCancelled, TaskCompleted, TaskPassedOn, TaskPostponed, TaskSet
from domain.kernel import Event

OWNERS: dict[type[Event], tuple[str, ...]] = {
    RegistrationWithdrawn: (),
    ClientRegistered: ("registration", "card", "category_basis", "handoffs"),
    CardChanged: ("card", "category_basis"),
    CategoryAssigned: ("card", "category_basis"),
    CategoryReleased: ("category_basis",),
    KeyPersonAdded: ("key_persons",),
    KeyPersonChanged: ("key_persons",),
    KeyPersonRemoved: ("key_persons",),
    ContactRecorded: ("contacts",),
    InquiryReceived: ("inquiries",),
    InquiryAnswered: ("inquiries",),
    InquiryClosed: ("inquiries",),
    TaskSet: ("tasks",),
    TaskCompleted: ("tasks",),
    TaskPostponed: ("tasks",),
    TaskPassedOn: ("tasks",),
    TaskCancelled: ("tasks",),
    EmployeeAssigned: ("assignment", "exchanges"),
    ExchangeOffered: ("exchanges",),
    ExchangeAccepted: ("exchanges",),
    ExchangeDeclined: ("exchanges",),
    ExchangeWithdrawn: ("exchanges",),
    ExchangeExpired: ("exchanges",),
    ClientQualified: ("qualification",),
    ClientDisqualified: ("qualification",),
    ClientReopened: ("qualification",),
    HandoffOffered: ("handoffs",),
    HandoffAccepted: ("handoffs", "assignment", "qualification", "deals", "exchanges"),
    HandoffReturned: ("handoffs",),
    HandoffWithdrawn: ("handoffs",),
    HandoffExpired: ("handoffs",),
    DealOpened: ("deals",),
    DealChanged: ("deals",),
    DealWon: ("deals",),
    DealLost: ("deals",),
    DealReopened: ("deals",),
    DealCorrected: ("deals",),
    ProposalDrafted: ("proposals",),
    ProposalRevised: ("proposals",),
    ProposalSent: ("proposals",),
    ProposalAccepted: ("proposals",),
    ProposalDeclined: ("proposals",),
    ProposalExpired: ("proposals",),
    DocumentSent: (),
    QuestionnaireAnswered: (),
    ApprovalRequested: ("approvals",),
    ApprovalGiven: ("approvals",),
    ApprovalRefused: ("approvals",),
    ObligationUndertaken: ("obligations",),
    ObligationFulfilled: ("obligations",),
    ObligationPostponed: ("obligations",),
    ObligationWaived: ("obligations",),
    OrderPlaced: ("orders", "approvals"),
    OrderConfirmed: ("orders",),
    DelayTold: ("orders",),
    OrderReduced: ("orders", "approvals"),
    OrderCancelled: ("orders",),
    OrderShipped: ("orders",),
    ShipmentDelivered: ("orders",),
    GoodsReturned: ("orders",),
    InvoiceIssued: ("account",),
    InvoiceCredited: ("account",),
    PaymentReceived: ("account",),
    PaymentAllocated: ("account",),
    PaymentReleased: ("account",),
    PaymentCorrected: ("account",),
    RefundMade: ("account",),
    DecisionMade: (),
    DuplicateAllowed: ("duplicates",),
    DuplicateDismissed: ("duplicates",),
    ClientMerged: ("merging",),
    ClientUnmerged: ("merging",),
    ClientAbsorbed: ("merging",),
    ClientReleased: ("merging",),
    ClientArchived: ("archive",),
    ClientRestored: ("archive",),
}
"""Which parts of the client read an event. Every event of the client's stream is listed."""
