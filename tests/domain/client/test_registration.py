"""Registration."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.client.assignment import EmployeeAssigned
from domain.client.duplicates import AllowDuplicate, DuplicateAllowed, SimilarClient, SimilarClients
from domain.client.registration import ClientRegistered, RegisterClient, RegistrationWithdrawn, WithdrawRegistration
from domain.regulation.attributes import Attribute, AttributeKind
from domain.types import Step
from tests.domain.facts import REACHED, REGISTERED
from tests.spec import CLOSER, GONE, NOW, SELLER, SOMEBODY, Refusal, day, finds, given, new, refusal, rules

REGISTER = RegisterClient(name="Steelworks", origin="cold_base")
WITHDRAW = WithdrawRegistration(import_id=new(8))
WITHDRAWN = RegistrationWithdrawn(import_id=new(8))
ALIKE = SimilarClient(new(7), "Steel works", "tax_id", 1.0)
WITH_SIZE = rules(attributes={"staff": Attribute(name="staff", kind=AttributeKind.NUMBER)})

REFUSALS = [
    refusal("client_exists", given(REGISTERED), REGISTER),
    refusal(
        "duplicate_client", given(), REGISTER, {"candidates": [ALIKE._asdict()]}, known=finds(SimilarClients((ALIKE,)))
    ),
    refusal("in_future", given(), REGISTER.model_copy(update={"occurred_at": day(101)}), {"now": NOW}),
    refusal("unknown_attribute", given(), RegisterClient(name="A", origin="social", attributes={"colour": "red"})),
    refusal(
        "wrong_attribute_value",
        given(),
        RegisterClient(name="A", origin="social", attributes={"staff": "many"}),
        {"attribute": "staff", "value": "many"},
        regulation=WITH_SIZE,
    ),
    refusal("currency_required", given(), RegisterClient(name="A", origin="social", turnover=Decimal(5))),
    refusal("unknown_employee", given(), RegisterClient(name="A", origin="social", owner_id=SOMEBODY)),
    refusal("employee_left", given(), RegisterClient(name="A", origin="social", owner_id=GONE.id)),
    refusal("employee_not_in_step", given(), RegisterClient(name="A", origin="social", owner_id=CLOSER.id)),
    refusal("client_worked", given(REGISTERED, REACHED), WITHDRAW, {"parts": ["contacts"]}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_client_enters_lead_generation() -> None:
    client = given().when(REGISTER).then(REGISTERED)
    assert client.step is Step.LEAD_GENERATION
    assert client.owner is None
    assert client.handoffs.step_since == NOW


def test_the_owner_may_be_named_at_once() -> None:
    command = REGISTER.model_copy(update={"owner_id": SELLER.id})
    assigned = EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id)
    client = given().when(command).then(REGISTERED, assigned)
    assert client.owner == SELLER.id
    assert client.version == 2


def test_imported_clients_are_registered_at_their_own_date() -> None:
    client = given().when(REGISTER.model_copy(update={"occurred_at": day(-4000)})).then(REGISTERED)
    assert client.registration.registered_at == day(-4000)


def test_a_duplicate_is_registered_for_a_reason() -> None:
    command = REGISTER.model_copy(update={"allow_duplicate": AllowDuplicate(reason="Another works")})
    allowed = DuplicateAllowed(client_ids=(ALIKE.id,), reason="Another works")
    client = given().when(command, known=finds(SimilarClients((ALIKE,)))).then(REGISTERED, allowed)
    assert client.duplicates.dismissed == {ALIKE.id}


def test_nothing_is_allowed_where_there_is_no_duplicate() -> None:
    command = REGISTER.model_copy(update={"allow_duplicate": AllowDuplicate(reason="Another works")})
    given().when(command, known=finds(SimilarClients(()))).then(REGISTERED)


def test_empty_fields_are_no_facts() -> None:
    command = RegisterClient.model_validate(
        {"name": " Steelworks ", "origin": "cold_base", "region": "", "phones": [], "category": "", "turnover": ""}
    )
    given().when(command).then(REGISTERED)


def test_own_attributes_are_kept_in_one_spelling() -> None:
    command = REGISTER.model_copy(update={"attributes": {"staff": "0250.50"}})
    (registered,) = given().when(command, regulation=WITH_SIZE).events()
    assert isinstance(registered, ClientRegistered)
    assert registered.attributes == {"staff": "250.5"}


@pytest.mark.parametrize(
    "body", [{}, {"name": "A"}, {"name": "  ", "origin": "social"}, {"name": "A", "origin": "A b"}]
)
def test_name_and_origin_are_needed(body: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        RegisterClient.model_validate(body)


def test_a_registration_that_was_a_mistake_is_taken_back() -> None:
    client = (
        given(REGISTERED, EmployeeAssigned(step=Step.LEAD_GENERATION, employee_id=SELLER.id))
        .when(WITHDRAW)
        .then(WITHDRAWN)
    )
    assert client == client.empty(client.id)._replace(version=3)


def test_a_client_may_be_registered_again_after_that() -> None:
    assert given(REGISTERED, WITHDRAWN).when(REGISTER).then(REGISTERED).version == 3


def test_nothing_else_happens_to_it_then() -> None:
    given(REGISTERED, WITHDRAWN).when(WITHDRAW).refused("unknown_client")
