"""The response rule."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.regulation.response_rules import InquiryKind, ResponseRules, ResponseTimeSet, SetResponseTime
from domain.types import Category, Channel
from tests.spec import Refusal, given_regulation, refusal

DEFAULTS = given_regulation()
SET = ResponseTimeSet(category=Category.VIP, channel=None, working_hours=Decimal(1))
WITH_VIP = given_regulation(SET)
REFUSALS = [
    refusal("nothing_to_change", WITH_VIP, SetResponseTime(category=Category.VIP, working_hours=Decimal("1.00"))),
    refusal("nothing_to_change", DEFAULTS, SetResponseTime(channel=Channel.PHONE, working_hours=None)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_four_working_hours_unless_something_else_was_set() -> None:
    assert ResponseRules().allowed(Category.VIP, Channel.PHONE) == 4


def test_a_rule_is_set_and_taken_back() -> None:
    command = SetResponseTime(category=Category.VIP, working_hours=Decimal(1))
    assert DEFAULTS.when(command).then(SET).response_rules.hours == {InquiryKind(Category.VIP): 1}
    back = SetResponseTime(category=Category.VIP, working_hours=None)
    regulation = WITH_VIP.when(back).then(ResponseTimeSet(category=Category.VIP, channel=None, working_hours=None))
    assert regulation.response_rules.hours == {}


@pytest.mark.parametrize(
    "sent", [{"working_hours": 0}, {"working_hours": "1001"}, {"working_hours": "0.001"}, {}, {"category": "D"}]
)
def test_malformed(sent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SetResponseTime.model_validate({"channel": None, **sent})
