"""The commands on a client."""

from functools import partial
from uuid import uuid4

from fastapi import APIRouter

from app.api import BASE
from app.api.commands import Streams, command_route
from app.api.documented import COMMON_PROBLEMS
from app.documents.sending import send
from app.execute import CLIENT
from app.merging import merge, unmerge
from app.other_clients import dismiss_duplicate
from app.registering import register
from domain.client.approvals import GiveApproval, RefuseApproval, RequestApproval
from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.categories import ApplyCategoryRules, AssignCategory, ReleaseCategory
from domain.client.contacts import RecordContact
from domain.client.deal_correction import CorrectDeal
from domain.client.deals import ChangeDeal, LoseDeal, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.documents import SendDocument, SendProposal
from domain.client.duplicates import DismissDuplicate
from domain.client.exchanges import AcceptExchange, DeclineExchange, OfferExchange, WithdrawExchange
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.inquiries import AnswerInquiry, CloseInquiry, ReceiveInquiry
from domain.client.invoices import CreditInvoice, IssueInvoice
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.merging import MergeClient, UnmergeClient
from domain.client.obligations import FulfilObligation, PostponeObligation, UndertakeObligation, WaiveObligation
from domain.client.order_changes import CancelOrder, ConfirmOrder
from domain.client.order_delays import TellDelay
from domain.client.ordering import PlaceOrder, RequestOrderApproval
from domain.client.payments import AllocatePayment, CorrectPayment, RecordPayment, RefundMoney
from domain.client.proposal_answers import AcceptProposal, DeclineProposal, ExpireProposal
from domain.client.proposing import DraftProposal, ReviseProposal
from domain.client.qualification import DisqualifyClient, QualifyClient, ReopenClient
from domain.client.questionnaires import AnswerQuestionnaire
from domain.client.registration import RegisterClient
from domain.client.shipments import DeliverShipment, ShipOrder, TakeBackGoods
from domain.client.state import COMMON_REFUSALS
from domain.client.tasks import CancelTask, CompleteTask, PassTaskOn, PostponeTask, SetTask

router = APIRouter(prefix=BASE, tags=["Clients: commands"], responses=COMMON_PROBLEMS)
_clients = Streams(CLIENT, "client", begin=lambda _: uuid4(), refusals=COMMON_REFUSALS)
_add = partial(command_route, router, streams=_clients)

_ONE = "/clients/{client_id}"
_KEY_PERSON = _ONE + "/key-persons/{key_person_id}"
_INQUIRY = _ONE + "/inquiries/{inquiry_id}"
_TASK = _ONE + "/tasks/{task_id}"
_HANDOFF = _ONE + "/handoffs/{handoff_id}"
_EXCHANGE = _ONE + "/exchanges/{exchange_id}"
_DEAL = _ONE + "/deals/{deal_id}"
_APPROVAL = _ONE + "/approvals/{approval_id}"
_PROPOSAL = _ONE + "/proposals/{proposal_id}"
_OBLIGATION = _ONE + "/obligations/{obligation_id}"
_ORDER = _ONE + "/orders/{order_id}"

_add(_ONE + "/contacts", RecordContact, creates="contact_id")
_add("/clients", RegisterClient, creates="id", carry_out=register)
_add(_ONE + "/card", ChangeCard)
_add(_ONE + "/category", AssignCategory)
_add(_ONE + "/category/release", ReleaseCategory)
_add(_ONE + "/category/apply-rules", ApplyCategoryRules)
_add(_ONE + "/key-persons", AddKeyPerson, creates="key_person_id")
_add(_KEY_PERSON + "/change", ChangeKeyPerson)
_add(_KEY_PERSON + "/remove", RemoveKeyPerson)
_add(_ONE + "/inquiries", ReceiveInquiry, creates="inquiry_id")
_add(_INQUIRY + "/answer", AnswerInquiry)
_add(_INQUIRY + "/close", CloseInquiry)
_add(_ONE + "/tasks", SetTask, creates="task_id")
_add(_TASK + "/complete", CompleteTask)
_add(_TASK + "/postpone", PostponeTask)
_add(_TASK + "/pass-on", PassTaskOn)
_add(_TASK + "/cancel", CancelTask)
_add(_ONE + "/assignments", AssignEmployee)
_add(_ONE + "/qualify", QualifyClient)
_add(_ONE + "/disqualify", DisqualifyClient)
_add(_ONE + "/reopen", ReopenClient)
_add(_ONE + "/handoffs", OfferHandoff, creates="handoff_id")
_add(_HANDOFF + "/accept", AcceptHandoff)
_add(_HANDOFF + "/return", ReturnHandoff)
_add(_HANDOFF + "/withdraw", WithdrawHandoff)
_add(_HANDOFF + "/expire", ExpireHandoff)
_add(_ONE + "/exchanges", OfferExchange, creates="exchange_id")
_add(_EXCHANGE + "/accept", AcceptExchange)
_add(_EXCHANGE + "/decline", DeclineExchange)
_add(_EXCHANGE + "/withdraw", WithdrawExchange)
_add(_ONE + "/deals", OpenDeal, creates="deal_id")
_add(_DEAL + "/change", ChangeDeal)
_add(_DEAL + "/win", WinDeal)
_add(_DEAL + "/lose", LoseDeal)
_add(_DEAL + "/reopen", ReopenDeal)
_add(_DEAL + "/correct", CorrectDeal)
_add(_DEAL + "/approvals", RequestApproval, creates="approval_id")
_add(_APPROVAL + "/give", GiveApproval)
_add(_APPROVAL + "/refuse", RefuseApproval)
_add(_ONE + "/proposals", DraftProposal, creates="proposal_id")
_add(_PROPOSAL + "/revise", ReviseProposal)
_add(_PROPOSAL + "/send", SendProposal, creates="document_id", carry_out=send)
_add(_PROPOSAL + "/accept", AcceptProposal)
_add(_PROPOSAL + "/decline", DeclineProposal)
_add(_PROPOSAL + "/expire", ExpireProposal)
_add(_ONE + "/documents", SendDocument, creates="document_id", carry_out=send)
_add(_ONE + "/questionnaires", AnswerQuestionnaire, creates="questionnaire_id")
_add(_DEAL + "/obligations", UndertakeObligation, creates="obligation_id")
_add(_OBLIGATION + "/fulfil", FulfilObligation)
_add(_OBLIGATION + "/postpone", PostponeObligation)
_add(_OBLIGATION + "/waive", WaiveObligation)
_add(_ONE + "/orders", PlaceOrder, creates="order_id")
_add(_ONE + "/orders/approvals", RequestOrderApproval, creates="approval_id")
_add(_ORDER + "/cancel", CancelOrder)
_add(_ORDER + "/confirm", ConfirmOrder)
_add(_ORDER + "/tell-delay", TellDelay)
_add(_ORDER + "/shipments", ShipOrder, creates="shipment_id")
_add(_ORDER + "/shipments/{shipment_id}/deliver", DeliverShipment)
_add(_ORDER + "/returns", TakeBackGoods, creates="return_id")
_add(_ONE + "/invoices", IssueInvoice, creates="invoice_id")
_add(_ONE + "/invoices/{invoice_id}/credit-notes", CreditInvoice, creates="credit_note_id")
_add(_ONE + "/payments", RecordPayment, creates="payment_id")
_add(_ONE + "/payments/{payment_id}/allocate", AllocatePayment)
_add(_ONE + "/payments/{payment_id}/correct", CorrectPayment)
_add(_ONE + "/refunds", RefundMoney, creates="refund_id")
_add(_ONE + "/decisions", RecordDecision, creates="decision_id")
_add(_ONE + "/duplicates/{other_id}/dismiss", DismissDuplicate, carry_out=dismiss_duplicate)
_add(_ONE + "/merge", MergeClient, carry_out=merge)
_add(_ONE + "/unmerge", UnmergeClient, carry_out=unmerge)
_add(_ONE + "/archive", ArchiveClient)
_add(_ONE + "/restore", RestoreClient)
