"""`conveyor token`: access for employees."""

from typing import Annotated
from uuid import uuid4

import typer
from pydantic import ValidationError

from app.auth import create_token
from app.cli.failures import Failure
from app.cli.session import open_services
from app.execute import EMPLOYEE, Call
from app.loop import run
from app.services import Services
from app.settings import read_settings
from domain.employee import SYSTEM, RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.types import Role

token_app = typer.Typer(help="Access tokens.", no_args_is_help=True)
_BY_OPERATOR = Actor(SYSTEM, frozenset({Role.ADMINISTRATOR}))


@token_app.callback()
def tokens() -> None:
    """Access tokens."""


@token_app.command()
def create(
    employee: Annotated[str, typer.Option(metavar="CODE", help="The employee's code; registered when it is new.")],
    role: Annotated[Role | None, typer.Option(help="A role that the token has beside the employee's own ones.")] = None,
) -> None:
    """Print a new access token of an employee. It is kept as a hash only, so it cannot be shown again."""

    async def work() -> str:
        async with open_services(read_settings()) as services:
            try:
                return await issue_token(services, employee, role)
            except ValidationError as invalid:
                raise typer.BadParameter(invalid.errors()[0]["msg"], param_hint="--employee") from None

    typer.echo(run(work()))


async def issue_token(services: Services, code: str, role: Role | None) -> str:
    """A token of the employee with this code, who is registered under it where there is none.

    Raises:
        Failure: the employee has left.
    """
    known = services.directory.employee(employee_id(code))
    if known is None:
        command = RegisterEmployee(code=code, name=code, roles=frozenset({role} if role else ()))
        await services.executor.execute(EMPLOYEE, employee_id(code), command, Call(_BY_OPERATOR, uuid4()))
    elif known.has_left:
        raise Failure(f"employee {code!r} has left; a token would not let anybody in")
    return await create_token(services.engine, employee_id(code), role)
