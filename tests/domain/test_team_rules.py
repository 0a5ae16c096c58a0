"""The rules of team work."""

import pytest
from pydantic import ValidationError

from domain.regulation.team_rules import SetTeamRules, TeamRules, TeamRulesSet
from domain.types import Variant
from tests.spec import Refusal, given_regulation, refusal

REFUSALS = [refusal("nothing_to_change", given_regulation(), SetTeamRules(rules=TeamRules()))]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_they_replace_those_before() -> None:
    rules = TeamRules(review_every_months={Variant.DEMOCRATIC: 3})
    assert given_regulation().when(SetTeamRules(rules=rules)).then(TeamRulesSet(rules=rules)).team_rules == rules


def test_a_base_cannot_be_limited_and_unlimited() -> None:
    with pytest.raises(ValidationError, match="must be less"):
        TeamRules(few_leads_per_seller=500, many_leads_per_seller=500)
