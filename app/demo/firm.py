"""The made-up firm: three departments and twelve employees."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from domain.employee import RegisterEmployee, employee_id
from domain.kernel import Actor
from domain.types import Role, Step

LEADS, DEALS, SERVICE = Step
_STAFF = (
    ("demo-head-leads", "Ольга Вешних", "Lead generation", LEADS, Role.HEAD, "driver"),
    ("demo-base", "Nora Garner", "Lead generation", LEADS, Role.CLIENT_BASE_MANAGER, "analytical"),
    ("demo-cold-1", "Пётр Долгих", "Lead generation", LEADS, Role.COLD_CONTACT_MANAGER, "expressive"),
    ("demo-cold-2", "Kate Brooks", "Lead generation", LEADS, Role.COLD_CONTACT_MANAGER, "amiable"),
    ("demo-cold-3", "Артём Седых", "Lead generation", LEADS, Role.COLD_CONTACT_MANAGER, "driver"),
    ("demo-head-deals", "Simon Dalton", "First deal", DEALS, Role.HEAD, "driver"),
    ("demo-closer-1", "Юлия Белых", "First deal", DEALS, Role.CLOSING_MANAGER, "expressive"),
    ("demo-closer-2", "Mark Holloway", "First deal", DEALS, Role.CLOSING_MANAGER, "analytical"),
    ("demo-head-service", "Рита Тонких", "Account service", SERVICE, Role.HEAD, "amiable"),
    ("demo-account-1", "Helen Irwin", "Account service", SERVICE, Role.ACCOUNT_MANAGER, "amiable"),
    ("demo-account-2", "Иван Сухих", "Account service", SERVICE, Role.ACCOUNT_MANAGER, "analytical"),
    ("demo-warehouse", "Leo Fielding", "Account service", SERVICE, Role.WAREHOUSE, "analytical"),
)
WAREHOUSE_KEEPER = Actor(employee_id("demo-warehouse"), frozenset({Role.WAREHOUSE}))


class Department(NamedTuple):
    """Who works a step: its head, and those who deal with clients."""

    head: Actor
    sellers: tuple[Actor, ...]


def registrations() -> Iterable[tuple[UUID, RegisterEmployee]]:
    """The commands that register the twelve."""
    for code, name, department, step, role, personality_type in _STAFF:
        command = RegisterEmployee(
            code=code,
            name=name,
            roles=frozenset({role}),
            steps=frozenset({step}),
            department=department,
            personality_type=personality_type,
            capacity=400,
        )
        yield employee_id(code), command


def departments() -> dict[Step, Department]:
    """The departments by their step."""
    return {step: _department(step) for step in Step}


def _department(step: Step) -> Department:
    actors = [(Actor(employee_id(code), frozenset({role})), role) for code, _, _, s, role, _ in _STAFF if s is step]
    head = next(actor for actor, role in actors if role is Role.HEAD)
    sellers = tuple(actor for actor, role in actors if role not in (Role.HEAD, Role.WAREHOUSE))
    return Department(head, sellers)
