"""Documents that were sent to a client, as they were sent, and the answers to questionnaires."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.documented import problems_documented
from app.api.history import Moments
from app.api.people import EmployeeRef, employee_ref
from app.api.proposals_view import template_name
from app.api.reading import After, AsOf, At, past, wait_for
from app.api.reports import ListPage, cursors_checked
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
from projections.paging import Page, cursor_of, values_of

router = APIRouter(tags=["Clients: views"])


class Asked(NamedTuple):
    """Which events of a client are asked for: a page of them, as they stood at some moments, after a write."""

    page: Page
    moments: Moments
    after: int | None


async def _asked(page: ListPage, after: After = None, as_of: AsOf = None, at: At = None) -> Asked:
    return Asked(page, Moments(past("as_of", as_of), past("at", at)), after)


ListAsked = Annotated[Asked, Depends(_asked)]


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


class SentDocumentPage(BaseModel):
    """Documents of a client, the one that was sent last first."""

    items: list[SentDocumentBody]
    next_cursor: str | None


@router.get("/clients/{client_id}/documents", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def list_documents(request: Request, actor: Reader, client_id: UUID, asked: ListAsked) -> SentDocumentPage:
    """The documents that were sent to a client. They are read from its events, so that none is missing."""
    services = await _opened(request, actor, client_id, asked.after, asked.moments)
    events, next_cursor = await _listed(services, client_id, DocumentSent, asked)
    return SentDocumentPage(items=[_document(services, each) for each in events], next_cursor=next_cursor)


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
    services = await _opened(request, actor, client_id, after)
    events = await services.store.read_topics(client_id, (DocumentSent.topic,))
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


_NOW = Moments()


async def _opened(
    request: Request, actor: Actor, client_id: UUID, after: int | None, moments: Moments = _NOW
) -> Services:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    first = await services.store.read_stream(client_id, limit=1)
    if not first or not isinstance(first[0].event, ClientRegistered) or not moments.include(first[0]):
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    return services


async def _listed(
    services: Services, client_id: UUID, kind: type[Event], asked: Asked
) -> tuple[Sequence[Recorded], str | None]:
    """A page of the client's events of this kind, the newest first, and the cursor of the next page."""
    cursor, limit = asked.page
    with cursors_checked():
        before = values_of(cursor, (int,))[0] if cursor else None
    events = await services.store.read_topics(client_id, (kind.topic,))
    left = [
        each for each in reversed(events) if (before is None or each.version < before) and asked.moments.include(each)
    ]
    shown = left[:limit]
    return shown, cursor_of([shown[-1].version]) if len(left) > limit else None


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


class QuestionnairePage(BaseModel):
    """Questionnaires that a client answered, the last one first."""

    items: list[QuestionnaireBody]
    next_cursor: str | None


@router.get("/clients/{client_id}/questionnaires", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def list_questionnaires(request: Request, actor: Reader, client_id: UUID, asked: ListAsked) -> QuestionnairePage:
    """The client's answers as they were given; what they changed on the card is on the card."""
    services = await _opened(request, actor, client_id, asked.after, asked.moments)
    events, next_cursor = await _listed(services, client_id, QuestionnaireAnswered, asked)
    return QuestionnairePage(items=[_questionnaire(services, each) for each in events], next_cursor=next_cursor)


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
