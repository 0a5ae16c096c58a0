"""Templates of documents: publishing them, and how a document would look."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.reading import After, wait_for
from app.api.reports import ListPage, page_by
from app.auth import authorize
from app.documents.layout import read_aloud
from app.documents.pdf import put_on_pages
from app.execute import CLIENT, TEMPLATE
from app.problems import Problem
from app.public_holidays import LIBRARY
from app.services import Services
from domain.client.document_values import Subject, values_of
from domain.client.state import Client
from domain.documents.content import TemplateVersion
from domain.documents.fields import DocumentKind, Tongue, names_for
from domain.documents.filled import MOST_PAGES, Filled, filled_document
from domain.documents.language import Values
from domain.documents.template import CreateTemplate, PublishTemplate, RetireTemplate, Template
from domain.kernel import Actor, Refused
from domain.regulation.state import RuleContext

router = APIRouter(tags=["Templates"])
_templates = Streams(
    TEMPLATE,
    "template",
    begin=lambda _: uuid4(),
    refusals=("in_future", "unknown_template"),
    action="keep_templates",
)
_add = partial(command_route, router, streams=_templates)
NOT_FOUND, REFUSED = 404, 409
PDF = "application/pdf"
SAMPLE_ENTRIES = 2
_UNKNOWN = problems_documented({NOT_FOUND: ["unknown_template"]})


class TemplateVersionBody(TemplateVersion):
    """What a version of a template says."""

    number: int


class TemplateBody(BaseModel):
    """A template with its versions, the latest first; only the latest where templates are listed."""

    id: UUID
    version: Annotated[int, Field(description="Of the template's stream; also the ETag")]
    name: str | None
    kind: DocumentKind
    tongue: Tongue
    is_retired: bool
    latest: Annotated[int, Field(description="The version in use")]
    versions: list[TemplateVersionBody]

    @staticmethod
    def of(template: Template, numbers: Sequence[int]) -> "TemplateBody":
        """The template as an answer, with these versions."""
        return TemplateBody(
            id=template.id,
            version=template.version,
            name=template.name,
            kind=template.kind,
            tongue=template.tongue,
            is_retired=template.is_retired,
            latest=template.latest,
            versions=[TemplateVersionBody(number=number, **dict(template.versions[number])) for number in numbers],
        )


class TemplatePage(BaseModel):
    """Templates in the order in which they were created."""

    items: list[TemplateBody]
    next_cursor: str | None


@router.get("/templates")
async def list_templates(
    request: Request,
    actor: Reader,
    page: ListPage,
    kind: DocumentKind | None = None,
    is_retired: Annotated[bool | None, Query(description="Both, when absent")] = None,
    after: After = None,
) -> TemplatePage:
    """Templates with their latest versions."""
    services = await _opened(request, actor, after)
    wanted = [
        each
        for each in services.directory.all(Template)
        if kind in {None, each.kind} and is_retired in {None, each.is_retired}
    ]
    shown, next_cursor = page_by(wanted, page, "id")
    items = [TemplateBody.of(template, [template.latest]) for template in shown]
    return TemplatePage(items=items, next_cursor=next_cursor)


@router.get("/templates/{template_id}", responses=_UNKNOWN)
async def read_template(request: Request, actor: Reader, template_id: UUID, after: After = None) -> TemplateBody:
    """One template with all its versions."""
    template = _known(await _opened(request, actor, after), template_id)
    return TemplateBody.of(template, sorted(template.versions, reverse=True))


async def _opened(request: Request, actor: Actor, after: int | None) -> Services:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    return services


def _known(services: Services, template_id: UUID) -> Template:
    template = services.directory.known(Template, template_id)
    if template is None:
        raise Problem("unknown_template", status=NOT_FOUND, facts={"id": template_id})
    return template


class PreviewQuery(BaseModel):
    """What the document is filled from; without a client, with the names of the values themselves."""

    template_version: Annotated[int | None, Field(ge=1, description="The latest, when absent")] = None
    client_id: UUID | None = None
    deal_id: UUID | None = None
    proposal_id: UUID | None = None
    key_person_id: UUID | None = None
    after: After = None


class Preview(BaseModel):
    """A document as it would be now: its title, and its text with the marks of headings, lists and tables left out."""

    title: str
    text: str
    pages: Annotated[int | None, Field(description=f"More than {MOST_PAGES}, or null: it cannot be sent so")]


async def _filled(
    request: Request, actor: Reader, template_id: UUID, query: Annotated[PreviewQuery, Query()]
) -> Filled:
    services = await _opened(request, actor, query.after)
    template = _known(services, template_id)
    number, content = template.numbered(query.template_version)
    if query.client_id is None:
        return filled_document(template, number, _sample(template.kind, content))
    client = await services.executor.read(CLIENT, query.client_id)
    if client.registration.registered_at is None:
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": query.client_id})
    values = values_of(client, _subject(client, query), content, template.tongue, _context(services, actor))
    return filled_document(template, number, values)


FilledPreview = Annotated[Filled, Depends(_filled)]
_REFUSALS = problems_documented(
    {
        NOT_FOUND: ["unknown_template", "unknown_client"],
        REFUSED: [
            "unknown_template_version",
            "unknown_deal",
            "unknown_proposal",
            "unknown_key_person",
            "document_too_long",
        ],
    }
)


def _subject(client: Client, query: PreviewQuery) -> Subject:
    proposal = _part(client.proposals.by_id, query.proposal_id, "unknown_proposal")
    deal_id = query.deal_id or (proposal.deal_id if proposal else None)
    deal = _part(client.deals.by_id, deal_id, "unknown_deal")
    return Subject(deal, proposal, _part(client.key_persons.by_id, query.key_person_id, "unknown_key_person"))


def _part(parts: Any, key: UUID | None, unknown: str) -> Any:
    if key is None:
        return None
    if key not in parts:
        raise Refused(unknown, id=key)
    return parts[key]


def _context(services: Services, actor: Actor) -> RuleContext:
    now, directory = datetime.now(UTC), services.directory
    return RuleContext(
        now=now,
        occurred_at=now,
        actor=actor,
        regulation=directory.regulation,
        employee=directory.employee,
        new_id=uuid4,
        known=directory.known,
        holidays=LIBRARY,
    )


def _sample(kind: DocumentKind, content: TemplateVersion) -> Values:
    """The names of all values in place of them."""
    names = names_for(kind)
    entries = {
        name: [{key: f"[{key} {place}]" for key in keys} for place in range(1, SAMPLE_ENTRIES + 1)]
        for name, keys in names.lists.items()
    }
    if content.questions:
        asked = [{"number": str(place), "text": each.text} for place, each in enumerate(content.questions, start=1)]
        entries["questions"] = asked
    return Values({name: f"[{name}]" for name in names.values}, entries)


@router.get("/templates/{template_id}/preview", responses=_REFUSALS)
async def preview_document(filled: FilledPreview) -> Preview:
    """How a document would read. Nothing is recorded."""
    pages = await asyncio.to_thread(put_on_pages, filled)
    return Preview(title=filled.title, text=read_aloud(filled.text), pages=pages.facts.pages)


@router.get(
    "/templates/{template_id}/preview.pdf",
    response_class=Response,
    responses={**_REFUSALS, 200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def preview_pdf(filled: FilledPreview) -> Response:
    """The document as it would be sent, as PDF. Nothing is recorded."""
    pages = await asyncio.to_thread(put_on_pages, filled)
    if not pages.content:
        raise Refused("document_too_long", pages=None, most_pages=MOST_PAGES)
    return Response(pages.content, media_type=PDF)


_add("/templates", CreateTemplate, creates="id")
_add("/templates/{template_id}/publish", PublishTemplate)
_add("/templates/{template_id}/retire", RetireTemplate)
