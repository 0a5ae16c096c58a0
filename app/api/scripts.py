"""Scripts: publishing them, finding the one for a client, and how far conversations come with them."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.reading import After, Reading, reader, wait_for
from app.api.reports import ListPage, ReportPeriod, page_by
from app.auth import authorize
from app.execute import CLIENT, SCRIPT
from app.problems import Problem
from app.services import Services
from domain.client.contacts import Outcome
from domain.playbook import CreateScript, PublishScript, RetireScript, Script, ScriptStep
from domain.types import Category, Channel, Step
from projections.activity import ActivityView
from projections.scripts_query import Conversations, StepFigures, VersionFigures, script_figures

router = APIRouter(tags=["Scripts"])
_scripts = Streams(
    SCRIPT, "script", begin=lambda _: uuid4(), refusals=("in_future", "unknown_script"), action="keep_scripts"
)
_add = partial(command_route, router, streams=_scripts)


class ScriptVersion(BaseModel):
    """What a version of a script says."""

    number: int
    steps: tuple[ScriptStep, ...]


class ScriptBody(BaseModel):
    """A script with its versions, the latest first; only the latest where scripts are listed."""

    id: UUID
    version: Annotated[int, Field(description="Of the script's stream; also the ETag")]
    name: str | None
    step: Step
    channel: Channel
    category: Annotated[Category | None, Field(description="Null: for clients of any")]
    is_retired: bool
    latest: Annotated[int, Field(description="The version in use")]
    versions: list[ScriptVersion]

    @staticmethod
    def of(script: Script, numbers: Sequence[int]) -> "ScriptBody":
        """The script as an answer, with these versions."""
        return ScriptBody(
            id=script.id,
            version=script.version,
            name=script.name,
            step=script.step,
            channel=script.channel,
            category=script.category,
            is_retired=script.is_retired,
            latest=script.latest,
            versions=[ScriptVersion(number=number, steps=script.versions[number]) for number in numbers],
        )


class ScriptPage(BaseModel):
    """Scripts in the order in which they were created."""

    items: list[ScriptBody]
    next_cursor: str | None


@router.get("/scripts")
async def list_scripts(
    request: Request,
    actor: Reader,
    page: ListPage,
    step: Step | None = None,
    channel: Channel | None = None,
    category: Category | None = None,
    is_retired: Annotated[bool | None, Query(description="Both, when absent")] = None,
    after: After = None,
) -> ScriptPage:
    """Scripts with their latest versions."""
    services = await _opened(request, actor, after)
    wanted = {"step": step, "channel": channel, "category": category, "is_retired": is_retired}
    exact = {name: value for name, value in wanted.items() if value is not None}
    known = services.directory.all(Script)
    found = [each for each in known if all(getattr(each, name) == value for name, value in exact.items())]
    shown, next_cursor = page_by(found, page, "id")
    items = [ScriptBody.of(script, [script.latest]) for script in shown]
    return ScriptPage(items=items, next_cursor=next_cursor)


@router.get("/scripts/{script_id}", responses=problems_documented({404: ["unknown_script"]}))
async def read_script(request: Request, actor: Reader, script_id: UUID, after: After = None) -> ScriptBody:
    """One script with all its versions."""
    services = await _opened(request, actor, after)
    script = services.directory.known(Script, script_id)
    if script is None:
        raise Problem("unknown_script", status=404, facts={"id": script_id})
    return ScriptBody.of(script, sorted(script.versions, reverse=True))


async def _opened(request: Request, actor: Reader, after: int | None) -> Services:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    return services


class Suggestion(BaseModel):
    """The script for a contact with a client; null where none fits."""

    step: Step
    category: Category | None
    script: ScriptBody | None


@router.get("/clients/{client_id}/script", responses=problems_documented({404: ["unknown_client"]}))
async def suggest_script(
    request: Request, actor: Reader, client_id: UUID, channel: Channel, after: After = None
) -> Suggestion:
    """The script for the client's step and category: one for the category rather than for any, the latest created."""
    services = await _opened(request, actor, after)
    client = CLIENT.empty(client_id)
    for recorded in await services.store.read_stream(client_id):
        client = client.evolve(recorded)
    if client.registration.registered_at is None:
        raise Problem("unknown_client", status=404, facts={"id": client_id})
    category = client.card.category
    fitting = [script for script in services.directory.all(Script) if script.fits(client.step, channel, category)]
    script = max(enumerate(fitting), key=lambda item: (item[1].category is not None, item[0]), default=(0, None))[1]
    return Suggestion(
        step=client.step,
        category=Category(category) if category else None,
        script=ScriptBody.of(script, [script.latest]) if script else None,
    )


class StepReport(BaseModel):
    """Conversations that came to a step, how many broke off at it, and what came of those that came to it."""

    step: Annotated[str, Field(description="Its key")]
    reached: int
    broke_off: int
    break_off_rate: Annotated[float | None, Field(description="broke_off / reached, to 4 places")]
    outcomes: dict[Outcome, int]
    outcome_shares: Annotated[dict[Outcome, float], Field(description="Of `reached`, to 4 places")]


class VersionReport(BaseModel):
    """The conversations with one version of a script; its steps in the order of the script."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "script_id": "9b2f2b62-2f52-4b6d-8f5e-0d5c9f2f1a10",
                    "name": "First call",
                    "version": 2,
                    "conversations": 40,
                    "completed": 12,
                    "completion_rate": 0.3,
                    "outcomes": {"meeting_agreed": 10, "refused": 30},
                    "steps": [
                        {
                            "step": "opening",
                            "reached": 40,
                            "broke_off": 8,
                            "break_off_rate": 0.2,
                            "outcomes": {"meeting_agreed": 10, "refused": 30},
                            "outcome_shares": {"meeting_agreed": 0.25, "refused": 0.75},
                        }
                    ],
                }
            ]
        }
    )

    script_id: UUID
    name: str | None
    version: int
    conversations: int
    completed: Annotated[int, Field(description="Followed to the end")]
    completion_rate: float | None
    outcomes: dict[Outcome, int]
    steps: list[StepReport]


class ScriptTotal(BaseModel):
    """All conversations that followed a script."""

    conversations: int
    completed: int
    completion_rate: float | None


class ScriptReport(BaseModel):
    """How far conversations come, by script and version."""

    items: list[VersionReport]
    total: ScriptTotal
    next_cursor: str | None


@router.get("/reports/scripts")
async def report_scripts(
    reading: Annotated[Reading, reader(ActivityView.name, in_time=True)],
    period: ReportPeriod,
    page: ListPage,
    script_id: UUID | None = None,
    employee_id: UUID | None = None,
    channel: Channel | None = None,
) -> ScriptReport:
    """Where conversations break off, and with which version: by the contacts of the period that followed a script."""
    await reading.services.directory.refresh()
    figures = await script_figures(reading.connection, Conversations(period, script_id, employee_id, channel))
    shown, next_cursor = page_by(figures, page, "script_id", "version")
    conversations, completed = (sum(getattr(item, name) for item in figures) for name in ("conversations", "completed"))
    return ScriptReport(
        items=[_version(reading.services, item) for item in shown],
        total=ScriptTotal(
            conversations=conversations, completed=completed, completion_rate=_share(completed, conversations)
        ),
        next_cursor=next_cursor,
    )


def _version(services: Services, figures: VersionFigures) -> VersionReport:
    script = services.directory.known(Script, figures.script_id)
    steps = script.versions.get(figures.version, ()) if script else ()
    return VersionReport(
        script_id=figures.script_id,
        name=script.name if script else None,
        version=figures.version,
        conversations=figures.conversations,
        completed=figures.completed,
        completion_rate=_share(figures.completed, figures.conversations),
        outcomes={Outcome(name): count for name, count in figures.outcomes.items()},
        steps=[_step(step.key, figures.steps.get(step.key, StepFigures())) for step in steps],
    )


def _step(key: str, figures: StepFigures) -> StepReport:
    outcomes = {Outcome(name): count for name, count in figures.outcomes.items()}
    return StepReport(
        step=key,
        reached=figures.reached,
        broke_off=figures.broke_off,
        break_off_rate=_share(figures.broke_off, figures.reached),
        outcomes=outcomes,
        outcome_shares={name: round(count / figures.reached, 4) for name, count in outcomes.items()},
    )


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


_add("/scripts", CreateScript, creates="id")
_add("/scripts/{script_id}/publish", PublishScript)
_add("/scripts/{script_id}/retire", RetireScript)
