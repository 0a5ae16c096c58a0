"""Documents that were sent to a client, as they were sent, and the answers to questionnaires."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.proposals_view import template_name
from app.api.reading import After, wait_for
from app.api.templates import NOT_FOUND, PDF
from app.auth import authorize
from app.documents.keeping import find_kept
from app.problems import Problem
from app.services import Services
from domain.client.documents import DocumentSent
from domain.client.questionnaires import QuestionnaireAnswered
from domain.client.registration import ClientRegistered
from domain.documents.fields import DocumentKind
from domain.kernel import Actor, Event, Recorded
from domain.types import Channel

router = APIRouter(tags=["Clients: views"])


class SentDocumentBody(BaseModel):
    """A document that was sent, and by which template it was made."""

    id: UUID
    kind: DocumentKind
    title: Annotated[str | None, Field(description="Null once the client's personal data were erased")]
    sent_at: datetime
    sent_by: EmployeeRef
    template_id: UUID
    template_name: str | None
    template_version: int
    deal_id: UUID | None
    proposal_id: UUID | None
    key_person_id: UUID | None
    channel: Channel | None
    pages: int
    size: Annotated[int, Field(description="Bytes of the PDF")]
    content_hash: Annotated[str, Field(description="SHA-256 of the PDF, hexadecimal")]


class SentDocumentList(BaseModel):
    """All documents of a client, the one that was sent last first."""

    items: list[SentDocumentBody]


@router.get("/clients/{client_id}/documents", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def list_documents(request: Request, actor: Reader, client_id: UUID, after: After = None) -> SentDocumentList:
    """The documents that were sent to a client. They are read from its events, so that none is missing."""
    services, events = await _events(request, actor, client_id, after, DocumentSent)
    return SentDocumentList(items=[_document(services, each) for each in reversed(events)])


@router.get(
    "/clients/{client_id}/documents/{document_id}/content",
    response_class=Response,
    responses={
        **problems_documented({NOT_FOUND: ["unknown_client", "unknown_document"]}),
        200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def read_document(
    request: Request, actor: Reader, client_id: UUID, document_id: UUID, after: After = None
) -> Response:
    """A document byte for byte as it was sent; its hash is the ETag. It is gone once the client was erased."""
    services, events = await _events(request, actor, client_id, after, DocumentSent)
    event = next((each.event for each in events if _document_id(each.event) == document_id), None)
    content = None
    if isinstance(event, DocumentSent):
        content = await find_kept(services.engine, services.vault, client_id, event.content_hash)
    if content is None or not isinstance(event, DocumentSent):
        raise Problem("unknown_document", facts={"document_id": document_id})
    headers = {"ETag": f'"{event.content_hash}"', "Content-Disposition": f'inline; filename="{document_id}.pdf"'}
    return Response(content, media_type=PDF, headers=headers)


def _document_id(event: Event) -> UUID | None:
    return event.document_id if isinstance(event, DocumentSent) else None


async def _events(
    request: Request, actor: Actor, client_id: UUID, after: int | None, kind: type[Event]
) -> tuple[Services, Sequence[Recorded]]:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    first = await services.store.read_stream(client_id, limit=1)
    if not first or not isinstance(first[0].event, ClientRegistered):
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    return services, await services.store.read_topics(client_id, (kind.topic,))


def _document(services: Services, recorded: Recorded) -> SentDocumentBody:
    event = recorded.event
    assert isinstance(event, DocumentSent)
    facts = event.model_dump(exclude={"document_id"})
    return SentDocumentBody(
        **facts,
        id=event.document_id,
        sent_at=recorded.occurred_at,
        sent_by=employee_ref(services, recorded.actor),
        template_name=template_name(services, event.template_id),
    )


class QuestionnaireBody(BaseModel):
    """What a client answered, by the keys of the questions."""

    id: UUID
    answered_at: datetime
    recorded_by: EmployeeRef
    template_id: UUID
    template_name: str | None
    template_version: int
    key_person_id: UUID | None
    answers: Annotated[dict[str, str] | None, Field(description="Null once the personal data were erased")]


class QuestionnaireList(BaseModel):
    """All questionnaires that a client answered, the last one first."""

    items: list[QuestionnaireBody]


@router.get("/clients/{client_id}/questionnaires", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def list_questionnaires(
    request: Request, actor: Reader, client_id: UUID, after: After = None
) -> QuestionnaireList:
    """The client's answers as they were given; what they changed on the card is on the card."""
    services, events = await _events(request, actor, client_id, after, QuestionnaireAnswered)
    return QuestionnaireList(items=[_questionnaire(services, each) for each in reversed(events)])


def _questionnaire(services: Services, recorded: Recorded) -> QuestionnaireBody:
    event = recorded.event
    assert isinstance(event, QuestionnaireAnswered)
    return QuestionnaireBody(
        **event.model_dump(exclude={"questionnaire_id"}),
        id=event.questionnaire_id,
        answered_at=recorded.occurred_at,
        recorded_by=employee_ref(services, recorded.actor),
        template_name=template_name(services, event.template_id),
    )
