"""The HTTP application: routes, errors and documentation around the services."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app import docs_page, errors
from app.api import (
    BASE,
    account_view,
    additional_sales_view,
    admin,
    approvals_view,
    board_view,
    calendar,
    card_view,
    catalogue,
    catalogue_view,
    categories,
    client_prediction,
    clients,
    clients_view,
    cohorts_view,
    compatibility_view,
    conversion_view,
    deal_terms,
    deals_view,
    debts_view,
    discounts_view,
    distributions,
    documents,
    dormant_view,
    duplicates_view,
    employees,
    exchanges_view,
    expansion_view,
    handoffs_view,
    imports,
    inquiries_view,
    norms,
    obligations_view,
    orders_view,
    overdue_contacts_view,
    policy,
    predictions,
    problems,
    proposal_detail,
    proposals_view,
    regulation,
    saturation_view,
    schemas,
    scripts,
    search_assignments,
    segments_view,
    selling_time,
    stock,
    stock_view,
    tasks_view,
    team_leads_view,
    team_results,
    team_reviews,
    team_variant,
    team_work,
    templates,
    terms_reports,
    tokens,
    value_view,
    warehouse_view,
)
from app.api.documented import COMMON_PROBLEMS
from app.api.parameters import known_parameters
from app.auth import Tokens
from app.body_limit import BodyLimit
from app.category_previews import CategoryPreviews
from app.command_queue import CommandQueue
from app.correlation import CORRELATION_HEADER, Correlated
from app.distribution.runs import DistributionRuns
from app.jobs.jobs import Jobs
from app.openapi import document_problems
from app.services import Services
from app.settings import Settings

VERSION = "0.1.0"
DESCRIPTION = """
Every fact about a client is recorded by a command (POST) and kept for good; views (GET) are answered from it.

* A command answers with the `position` of its facts; send it as `after` to any view to read your own write.
* `Idempotency-Key` makes a command safe to send again, `If-Match` makes it fail when somebody was faster.
* Every answer carries `X-Correlation-ID`: the one that was sent, or a new one.
* Errors are `application/problem+json` with a stable `code`; `GET /api/v1/problems` lists all of them.
* Lists and reports are pages: `limit` at most 200, `next_cursor` sent as `cursor` for the next one. The rows of a
  report are ordered by figures that may change between two pages; with `as_of` they stand still. `total` is of all.
* A parameter that takes an id ends in `_id`: `owner_id` is who works the client in its present step, `employee_id`
  whose a row is, as each list says. Where a report is split `by` something, its list of clients filters by it.
* Money is a decimal string with its currency beside it; times are ISO 8601 with an offset, never a number.
"""
_ROUTERS = (
    clients_view.router,
    card_view.router,
    board_view.router,
    handoffs_view.router,
    imports.router,
    inquiries_view.router,
    tasks_view.router,
    obligations_view.router,
    approvals_view.router,
    deal_terms.router,
    overdue_contacts_view.router,
    exchanges_view.router,
    categories.router,
    conversion_view.router,
    compatibility_view.router,
    value_view.router,
    terms_reports.router,
    discounts_view.router,
    cohorts_view.router,
    deals_view.router,
    dormant_view.router,
    segments_view.router,
    saturation_view.router,
    additional_sales_view.router,
    catalogue.router,
    catalogue_view.router,
    stock.router,
    stock_view.router,
    warehouse_view.router,
    account_view.router,
    orders_view.router,
    debts_view.router,
    expansion_view.router,
    client_prediction.router,
    predictions.router,
    distributions.router,
    team_work.router,
    team_leads_view.router,
    team_reviews.router,
    team_results.router,
    team_variant.router,
    duplicates_view.router,
    employees.router,
    tokens.router,
    regulation.router,
    calendar.router,
    search_assignments.router,
    scripts.router,
    templates.router,
    documents.router,
    proposal_detail.router,
    proposals_view.router,
    policy.router,
    norms.router,
    selling_time.router,
    schemas.router,
    problems.router,
    admin.router,
)

_ABOUT: Mapping[str, Any] = {
    "title": "Conveyor",
    "summary": "A sales conveyor: three steps, a recorded handoff between them, one client database.",
    "description": DESCRIPTION,
    "version": VERSION,
    "license_info": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    "servers": [{"url": "/", "description": "This service"}],
}
OpenServices = Callable[[Settings], AbstractAsyncContextManager[Services]]


_ACROSS_ORIGINS: Mapping[str, Any] = {
    "allow_methods": ["GET", "POST", "DELETE"],
    "allow_headers": ["Authorization", "Idempotency-Key", "If-Match", CORRELATION_HEADER],
    "expose_headers": ["ETag", "Location", "Idempotent-Replayed", "Retry-After", CORRELATION_HEADER],
    "max_age": 3600,
}
"""What pages from other origins may send and see. Nothing goes by cookies."""


class _Application(FastAPI):
    """Puts the correlation id around everything, so that answers to failures carry it as well."""

    def build_middleware_stack(self) -> ASGIApp:
        return Correlated(super().build_middleware_stack())


def create_app(settings: Settings, open_services: OpenServices) -> FastAPI:
    """The application. The services are opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            app.state.language = services.settings.language
            app.state.commands = CommandQueue(services.settings.queued_commands)
            app.state.tokens = Tokens(services.engine, services.directory)
            app.state.jobs = Jobs(services)
            app.state.jobs.look_after()
            app.state.category_previews = CategoryPreviews(services)
            app.state.category_previews.start()
            app.state.distributions = DistributionRuns(services)
            app.state.distributions.look_after()
            yield
            await app.state.distributions.stop()
            await app.state.category_previews.stop()
            await app.state.jobs.stop()

    app = _Application(
        **_ABOUT,
        lifespan=lifespan,
        responses=COMMON_PROBLEMS,
        routes=clients.router.routes,
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        docs_url=None,
        redoc_url=None,
    )
    _add_middleware(app, settings)
    errors.install(app)
    _add_routes(app)
    document_problems(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    app.add_middleware(BodyLimit)
    if settings.allowed_origins:
        app.add_middleware(CORSMiddleware, allow_origins=settings.allowed_origins, **_ACROSS_ORIGINS)


def _add_routes(app: FastAPI) -> None:
    """Views and the rest are included; the commands on clients are the application's own routes, which match faster."""
    for router in _ROUTERS:
        app.include_router(router, prefix=BASE, dependencies=[Depends(known_parameters)])
    docs_page.install(app)


def _operation_id(route: APIRoute) -> str:
    return route.name
