"""Registration: a client enters the conveyor at lead generation."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CARD_FIELDS, CardBody, CardFacts, check_attributes, check_currency
from domain.client.duplicates import AllowDuplicate, allowed_duplicates
from domain.employee import working_employee
from domain.kernel import Command, Event, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.search_assignment import open_search_assignment
from domain.team_work.state import working_variant
from domain.types import ClientKind, EmptyIsNone, Name, Origin, Step, Word, none_if_empty

if TYPE_CHECKING:
    from domain.client.state import Client


class ClientRegistered(CardFacts, topic="clients.registered"):
    """The client became known to the firm, with what was known of it then."""

    external_id: str | None = None
    search_assignment_id: UUID | None = None


class RegistrationWithdrawn(Event, topic="clients.withdrawn"):
    """The registration was a mistake: the client counts nowhere, as if it had never been known.

    Its history stays readable, and the same stream may be registered again. `import_id`: the import that was undone.
    """

    import_id: UUID


@dataclass(frozen=True, slots=True)
class Registration:
    """When the client was registered (business time), and its id in the file it was imported from."""

    registered_at: datetime | None = None
    external_id: str | None = None

    def evolve(self, recorded: Recorded) -> "Registration":
        """After the registration."""
        match recorded.event:
            case ClientRegistered(external_id=external_id):
                return replace(self, registered_at=recorded.occurred_at, external_id=external_id)
            case _:
                return self


class RegisterClient(CardBody, Command):
    """Register a client. It enters lead generation; `owner_id` assigns an employee of that step at once."""

    name: Name
    origin: Origin
    kind: ClientKind | None = ClientKind.COMPANY
    external_id: Annotated[Word | None, EmptyIsNone, Field(description="The client's id in another system")] = None
    owner_id: UUID | None = None
    search_assignment_id: Annotated[UUID | None, Field(description="The search assignment it was found for")] = None

    allow_duplicate: Annotated[
        AllowDuplicate | None, Field(description="Registers the client although it looks like others")
    ] = None

    refusals: ClassVar = (
        "client_exists",
        "duplicate_client",
        "unknown_attribute",
        "wrong_attribute_value",
        "currency_required",
        "unknown_employee",
        "employee_left",
        "employee_not_in_step",
        "unknown_search_assignment",
        "search_assignment_closed",
        "before_its_cause",
    )
    examples: ClassVar = (
        {"name": "Northern Steel", "origin": "cold_base"},
        {
            "name": "Северная сталь",
            "origin": "exhibition",
            "tax_id": "7701234567",
            "phones": ["+7 495 123-45-67"],
            "region": "Moscow",
            "industry": "metallurgy",
            "category": "A",
            "purchase_interval": "quarterly",
            "expected_purchase": "10000",
            "currency": "EUR",
            "retention_years": "3",
        },
    )

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if client.registration.registered_at:
            raise Refused("client_exists", id=client.id)
        facts: dict[str, Any] = {name: none_if_empty(getattr(self, name)) for name in CARD_FIELDS}
        facts["attributes"] = check_attributes(self.attributes, context) or None
        check_currency(facts)
        if self.search_assignment_id:
            facts["search_assignment_id"] = open_search_assignment(self.search_assignment_id, context).id
        events: list[Event] = [ClientRegistered(external_id=self.external_id, **facts)]
        if self.owner_id:
            owner = working_employee(self.owner_id, Step.LEAD_GENERATION, context)
            variant = working_variant(owner.id, Step.LEAD_GENERATION, context)
            events.append(EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=owner.id, variant=variant))
        return events + allowed_duplicates(self.allow_duplicate, client.id, context)


class WithdrawRegistration(Command):
    """Take a registration back that came from an import; the service does it when the import is undone."""

    import_id: UUID

    refusals: ClassVar = ("client_worked",)
    examples: ClassVar = ({"import_id": "5bc63c44-c4bf-4e9f-a238-9a4d05d25b23"},)

    def decide(self, client: "Client", context: RuleContext) -> list[Event]:
        if worked := client.worked_parts:
            raise Refused("client_worked", id=client.id, parts=worked)
        return [RegistrationWithdrawn(import_id=self.import_id)]
