"""The client policy: its versions, and who has read them."""

from typing import Any

import pytest

from domain.policy import POLICY_ID, MarkPolicyRead, Policy, PolicyAcknowledged, PolicyPublished, PublishPolicy
from tests.spec import HEAD, SECOND_SELLER, SELLER, Fact, Given, Refusal, at, day, folded, recorded, refusal

TEXT: dict[str, Any] = {
    "target_clients": "Metal works",
    "vip_clients": "Large ones",
    "rules": "No client without a next step",
}
FIRST = at(day(1), PolicyPublished(number=1, **TEXT), HEAD)
OTHER: dict[str, Any] = TEXT | {"rules": "Call back within a day"}
PUBLISH = PublishPolicy(**OTHER)
READ = MarkPolicyRead(policy_version=1)


def policy(*history: Fact) -> Given[Policy]:
    """The policy with this history."""
    return Given(folded(Policy.empty(POLICY_ID), recorded(history, POLICY_ID)))


REFUSALS = [
    refusal("unknown_policy_version", policy(), READ, {"number": 1, "latest": 0}),
    refusal("unknown_policy_version", policy(FIRST), MarkPolicyRead(policy_version=2), {"latest": 1}),
    refusal("policy_read_already", policy(FIRST, at(day(2), PolicyAcknowledged(number=1))), READ, {"read_at": day(2)}),
    refusal("nothing_to_change", policy(FIRST), PublishPolicy(**TEXT, note="Nothing"), {"version": 1}),
    *[
        refusal("before_its_cause", policy(FIRST), command.model_copy(update={"occurred_at": day(0)}))
        for command in (PUBLISH, READ)
    ],
    *[
        refusal("in_future", policy(FIRST), command.model_copy(update={"occurred_at": day(101)}))
        for command in (PUBLISH, READ)
    ],
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_new_version_is_read_by_nobody_and_leaves_the_old_one_as_it_was() -> None:
    read = policy(FIRST, at(day(2), PolicyAcknowledged(number=1)))
    made = read.when(PUBLISH).then(PolicyPublished(number=2, **OTHER))
    assert made.latest
    assert (made.latest.number, made.latest.readers, made.versions[1].rules) == (2, {}, TEXT["rules"])
    assert made.versions[1].readers == {SELLER.id: day(2)}


def test_each_employee_reads_for_himself() -> None:
    made = (
        policy(FIRST, at(day(2), PolicyAcknowledged(number=1), SECOND_SELLER))
        .when(READ)
        .then(PolicyAcknowledged(number=1))
    )
    assert made.versions[1].readers.keys() == {SELLER.id, SECOND_SELLER.id}
