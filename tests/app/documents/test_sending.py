"""Sending: pages are made outside of the decision, and made anew where the client changed meanwhile."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from app.documents import sending
from app.documents.keeping import Damaged, find_kept, keep
from app.documents.pdf import Pages, put_on_pages
from app.documents.sending import send
from app.execute import CLIENT, TEMPLATE, Call
from app.services import Services
from app.verify import Fault, verify
from domain.client.card import ChangeCard
from domain.client.documents import SendDocument, SendProposal
from domain.client.proposal_lines import WantedLine
from domain.client.proposing import DraftProposal
from domain.client.registration import RegisterClient
from domain.documents.content import TemplateVersion
from domain.documents.fields import DocumentKind
from domain.documents.filled import Filled
from domain.documents.template import CreateTemplate
from domain.employee import SYSTEM
from domain.kernel import Actor, Command, Refused
from projections.log import driver

BY_HEAD = Actor(SYSTEM, frozenset({"head"}))


def call() -> Call:
    return Call(BY_HEAD, uuid4())


async def registered(services: Services, name: str = "Сталь") -> UUID:
    client_id = uuid4()
    await services.executor.execute(CLIENT, client_id, RegisterClient(name=name, origin="tender"), call())
    return client_id


async def template(services: Services, kind: DocumentKind, body: str) -> UUID:
    template_id = uuid4()
    command = CreateTemplate(name="T", kind=kind, content=TemplateVersion(title="T", body=body))
    await services.executor.execute(TEMPLATE, template_id, command, call())
    return template_id


async def rows(services: Services) -> int:
    async with services.engine.connect() as connection:
        return await (await driver(connection)).fetchval("SELECT count(*) FROM documents_kept")


async def test_pages_are_made_anew_where_the_client_changed_meanwhile(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = await registered(services)
    letter = await template(services, DocumentKind.REMINDER_LETTER, "{{client.name}}")
    made: list[str] = []

    async def change() -> None:
        await services.executor.execute(CLIENT, client_id, ChangeCard(name="Металл"), call())

    async def in_thread(_: object, document: Filled) -> Pages:
        made.append(document.text)
        if len(made) == 1:
            await change()
        return put_on_pages(document)

    monkeypatch.setattr(sending.asyncio, "to_thread", in_thread)
    outcome = await send(services, client_id, SendDocument(template_id=letter), call())
    assert made == ["Сталь", "Металл"]
    assert outcome.answer["version"] == 3
    events = await services.store.read_stream(client_id)
    kept = events[-1].event.model_dump()["content_hash"]
    assert (
        await find_kept(services.engine, services.vault, client_id, kept) == put_on_pages(Filled("T", made[1])).content
    )


async def test_a_document_that_was_removed_or_changed_is_found_by_the_check_of_the_log(services: Services) -> None:
    client_id = await registered(services)
    letter = await template(services, DocumentKind.REMINDER_LETTER, "{{client.name}}")
    await send(services, client_id, SendDocument(template_id=letter), call())

    async def faults(statement: str) -> list[tuple[Fault, int | None]]:
        async with services.engine.connect() as connection:
            await (await driver(connection)).execute(statement)
        found = await verify(services.engine, lambda _, __: None, services.vault)
        return [(each.fault, each.version) for each in found if each.stream_id == client_id]

    assert await faults("SELECT") == []
    assert await faults("UPDATE documents_kept SET sealed = sealed || 'x'") == [(Fault.NO_DOCUMENT, 2)]
    assert await faults("DELETE FROM documents_kept") == [(Fault.NO_DOCUMENT, 2)]
    await services.vault.destroy(client_id)
    assert await faults("SELECT") == []


async def test_what_the_rules_refuse_makes_and_keeps_nothing(services: Services) -> None:
    client_id, before = await registered(services), await rows(services)
    offer = await template(services, DocumentKind.PROPOSAL, "{{client.name}}")
    commands: tuple[Command, ...] = (
        SendDocument(template_id=offer),
        SendProposal(proposal_id=uuid4(), template_id=offer),
    )
    for command in commands:
        with pytest.raises(Refused):
            await send(services, client_id, command, call())
    assert await rows(services) == before


async def test_a_document_that_cannot_be_laid_out_is_refused(services: Services) -> None:
    client_id = await registered(services)
    offer = await template(services, DocumentKind.PROPOSAL, "| {{proposal.terms}} |\n| x |")
    draft = DraftProposal(
        lines=(WantedLine(text="x", price=Decimal(1)),),
        currency="EUR",
        valid_until=(datetime.now(UTC) + timedelta(days=9)).date(),
        terms="слово " * 1600,
    )
    drafted = await services.executor.execute(CLIENT, client_id, draft, call())
    command = SendProposal(proposal_id=UUID(drafted.answer["proposal_id"]), template_id=offer)
    with pytest.raises(Refused, match="document_too_long"):
        await send(services, client_id, command, call())


async def test_equal_documents_are_kept_once_and_sealed(services: Services) -> None:
    client_id, before = await registered(services), await rows(services)
    content = put_on_pages(Filled("T", "Тайна")).content
    for _ in range(2):
        await keep(services.engine, services.vault, client_id, content)
    assert await rows(services) == before + 1
    async with services.engine.connect() as connection:
        raw = await driver(connection)
        sealed = await raw.fetchval("SELECT sealed FROM documents_kept WHERE stream_id = $1", client_id)
        assert b"%PDF" not in sealed
        assert put_on_pages(Filled("T", "Тайна")).facts.content_hash == sha256(content).hexdigest()
        await raw.execute("UPDATE documents_kept SET sealed = sealed || 'x' WHERE stream_id = $1", client_id)
    with pytest.raises(Damaged):
        await find_kept(services.engine, services.vault, client_id, sha256(content).hexdigest())
