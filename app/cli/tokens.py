"""`conveyor token`: access for employees."""

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated, NamedTuple
from uuid import UUID, uuid4

import typer
from pydantic import ValidationError

from app.auth import KnownToken, create_token, known_tokens, revoke_token
from app.cli.failures import Failure
from app.cli.session import existing_database, open_services
from app.execute import EMPLOYEE, Call
from app.loop import run
from app.services import Services
from app.settings import read_settings
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.types import STEPS, Role

token_app = typer.Typer(help="Access tokens.", no_args_is_help=True)
_BY_OPERATOR = Actor(SYSTEM, frozenset({Role.ADMINISTRATOR}))


@token_app.callback()
def tokens() -> None:
    """Access tokens."""


@token_app.command()
def create(
    employee: Annotated[str, typer.Option(metavar="CODE", help="The employee's code; a new one is registered.")],
    role: Annotated[Role | None, typer.Option(help="A role that the token has beside the employee's own ones.")] = None,
) -> None:
    """Print a new access token of an employee. It is kept as a hash only, so it cannot be shown again."""

    async def work() -> Issued:
        async with open_services(read_settings()) as services:
            try:
                return await issue_token(services, employee, role)
            except ValidationError as invalid:
                raise typer.BadParameter(invalid.errors()[0]["msg"], param_hint="--employee") from None

    issued = run(work())
    if issued.newcomer:
        typer.echo(_said_of(issued.newcomer), err=True)
    typer.echo(issued.token)


@token_app.command("list")
def list_known(
    employee: Annotated[str | None, typer.Option(metavar="CODE", help="Only those of this employee.")] = None,
) -> None:
    """List the tokens that are not revoked, the newest first: id, when made, whose, and the role it has beside his."""

    async def work() -> Sequence[str]:
        async with open_services(existing_database(read_settings())) as services:
            if employee is not None and services.directory.employee(employee_id(employee)) is None:
                raise Failure(f"no employee has the code {employee!r}")
            found = await known_tokens(services.engine, employee_id(employee) if employee is not None else None)
            return [_described(services, token) for token in found]

    for line in run(work()):
        typer.echo(line)


def _described(services: Services, token: KnownToken) -> str:
    holder = services.directory.employee(token.employee_id)
    made = token.created_at.astimezone(UTC)
    return f"{token.id}  {made:%Y-%m-%dT%H:%MZ}  {holder.code if holder else token.employee_id}  {token.role or '-'}"


@token_app.command()
def revoke(token_id: Annotated[UUID, typer.Argument(metavar="ID", help="As `conveyor token list` shows it.")]) -> None:
    """End a token for good. A running service may take it for 5 seconds yet."""

    async def work() -> None:
        async with open_services(existing_database(read_settings())) as services:
            if not await revoke_token(services.engine, token_id):
                raise Failure(f"there is no token {token_id}; `conveyor token list` shows those there are")

    run(work())
    typer.echo(f"Revoked: {token_id}.")


class Issued(NamedTuple):
    """A new token; and how its employee was registered, where he was not known before."""

    token: str
    newcomer: RegisterEmployee | None


async def issue_token(services: Services, code: str, role: Role | None) -> Issued:
    """A token of the employee with this code, who is registered under it where there is none.

    Raises:
        ValidationError: the code cannot be one.
        Failure: the employee has left.
    """
    command = RegisterEmployee(code=code, name=code, roles=frozenset({role} if role else ()))
    key = employee_id(command.code)
    known = services.directory.employee(key)
    if known is None:
        await services.executor.execute(EMPLOYEE, key, command, Call(_BY_OPERATOR, uuid4()))
    elif known.has_left:
        raise Failure(f"employee {command.code!r} has left; a token would not let anybody in")
    return Issued(await create_token(services.engine, key, role), None if known else command)


def _said_of(newcomer: RegisterEmployee) -> str:
    """Whoever mistypes a code has another employee, who would get leads: it is not to go unseen."""
    roles = ", ".join(sorted(newcomer.roles)) or "none"
    steps = ", ".join(step for step in STEPS if step in newcomer.steps)
    return f"employee {newcomer.code!r} was not known and is registered now; roles: {roles}; steps: {steps}"
