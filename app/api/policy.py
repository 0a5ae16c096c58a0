"""The client policy: its versions, open to everybody, and who has read which."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from app.api.caller import Reader, services_of
from app.api.commands import Streams, command_route
from app.api.documented import problems_documented
from app.api.people import EmployeeRef, employee_ref
from app.api.reading import After, wait_for
from app.api.reports import ListPage, page_by
from app.auth import authorize
from app.execute import POLICY
from app.problems import Problem
from app.services import Services
from domain.employee import Employee
from domain.kernel import Actor
from domain.policy import POLICY_ID, MarkPolicyRead, Policy, PolicyVersion, PublishPolicy

router = APIRouter(tags=["Client policy"])
NOT_FOUND = 404
_UNKNOWN = problems_documented({NOT_FOUND: ["unknown_policy_version", "no_policy"]})
_streams = Streams(POLICY, "policy", begin=lambda _: POLICY_ID)


class PolicyBody(BaseModel):
    """A version of the client policy."""

    number: int
    is_latest: bool
    published_at: datetime
    published_by: EmployeeRef
    target_clients: str
    vip_clients: str
    rules: str
    note: str | None
    read_at: Annotated[datetime | None, Field(description="When you said that you read it; null: not yet")]
    read_by: Annotated[int, Field(description="Employees who work here and have read it")]
    not_read_by: Annotated[int, Field(description="Employees who work here and have not")]


class PolicyList(BaseModel):
    """All versions, the latest first."""

    items: list[PolicyBody]
    next_cursor: str | None


@router.get("/policy", responses=problems_documented({}, "no_policy"))
async def read_policy(request: Request, actor: Reader, after: After = None) -> PolicyBody:
    """The version that holds."""
    services, policy = await _opened(request, actor, after)
    return _body(services, actor, policy, _known(policy, len(policy.versions)))


@router.get("/policy/versions")
async def list_policy_versions(request: Request, actor: Reader, page: ListPage, after: After = None) -> PolicyList:
    """Every version there was."""
    services, policy = await _opened(request, actor, after)
    versions, next_cursor = page_by(list(policy.versions.values())[::-1], page, "number")
    return PolicyList(items=[_body(services, actor, policy, each) for each in versions], next_cursor=next_cursor)


Number = Annotated[int, Path(ge=1, description="The number of a version")]


@router.get("/policy/versions/{policy_version}", responses=_UNKNOWN)
async def read_policy_version(
    request: Request, actor: Reader, policy_version: Number, after: After = None
) -> PolicyBody:
    """One version."""
    services, policy = await _opened(request, actor, after)
    return _body(services, actor, policy, _known(policy, policy_version))


class PolicyReader(BaseModel):
    """An employee, and when he said that he has read the version."""

    employee: EmployeeRef
    department: str | None
    read_at: Annotated[datetime | None, Field(description="Null: he has not")]


class PolicyReaderPage(BaseModel):
    """Employees who work here, by code."""

    items: list[PolicyReader]
    next_cursor: str | None


@router.get("/policy/versions/{policy_version}/readers", responses=_UNKNOWN)
async def list_policy_readers(
    request: Request,
    actor: Reader,
    policy_version: Number,
    page: ListPage,
    is_read: Annotated[bool | None, Query(description="false: who has yet to read it; both, when absent")] = None,
    department: str | None = None,
    after: After = None,
) -> PolicyReaderPage:
    """Who has read a version, and who has yet to."""
    services, policy = await _opened(request, actor, after)
    readers = _known(policy, policy_version).readers
    wanted = [
        each
        for each in _staff(services)
        if department in {None, each.department} and (is_read is None or (each.id in readers) == is_read)
    ]
    shown, next_cursor = page_by(wanted, page, "code")
    items = [
        PolicyReader(employee=employee_ref(services, each.id), department=each.department, read_at=readers.get(each.id))
        for each in shown
    ]
    return PolicyReaderPage(items=items, next_cursor=next_cursor)


async def _opened(request: Request, actor: Actor, after: int | None) -> tuple[Services, Policy]:
    services = services_of(request)
    authorize(actor, "read")
    await wait_for(services, (), after)
    await services.directory.refresh()
    return services, services.directory.known(Policy, POLICY_ID) or Policy.empty(POLICY_ID)


def _known(policy: Policy, number: int) -> PolicyVersion:
    if not policy.versions:
        raise Problem("no_policy")
    found = policy.versions.get(number)
    if found is None:
        facts = {"number": number, "latest": len(policy.versions)}
        raise Problem("unknown_policy_version", status=NOT_FOUND, facts=facts)
    return found


def _staff(services: Services) -> list[Employee]:
    return [each for each in services.directory.employees() if not each.has_left]


def _body(services: Services, actor: Actor, policy: Policy, version: PolicyVersion) -> PolicyBody:
    staff = _staff(services)
    read_by = sum(each.id in version.readers for each in staff)
    return PolicyBody(
        number=version.number,
        is_latest=version.number == len(policy.versions),
        published_at=version.published_at,
        published_by=employee_ref(services, version.published_by),
        target_clients=version.target_clients,
        vip_clients=version.vip_clients,
        rules=version.rules,
        note=version.note,
        read_at=version.readers.get(actor.employee_id),
        read_by=read_by,
        not_read_by=len(staff) - read_by,
    )


command_route(
    router,
    "/policy/publish",
    PublishPolicy,
    Streams(POLICY, "policy", begin=lambda _: POLICY_ID, action="administer"),
)
command_route(router, "/policy/versions/{policy_version}/read", MarkPolicyRead, _streams)
