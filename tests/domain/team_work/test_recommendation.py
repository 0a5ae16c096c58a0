"""Which variant suits a base."""

from decimal import Decimal

import pytest

from domain.regulation.team_rules import TeamRules
from domain.team_work.recommendation import SENTENCES, Base, Recommendation, Why, recommend
from domain.types import Variant

RULES = TeamRules(few_leads_per_seller=50, many_leads_per_seller=500, vip_share=Decimal("0.2"))


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (Base(leads=100, vip=0, sellers=0), Recommendation(None, Why.NO_SELLERS)),
        (Base(leads=0, vip=0, sellers=2), Recommendation(None, Why.NO_LEADS)),
        (Base(leads=2000, vip=400, sellers=2), Recommendation(Variant.AUTHORITARIAN, Why.MANY_VIP)),
        (Base(leads=100, vip=19, sellers=2), Recommendation(Variant.AUTHORITARIAN, Why.LIMITED_BASE)),
        (Base(leads=101, vip=20, sellers=2), Recommendation(Variant.DEMOCRATIC, Why.LARGE_BASE)),
        (Base(leads=999, vip=0, sellers=2), Recommendation(Variant.DEMOCRATIC, Why.LARGE_BASE)),
        (Base(leads=1000, vip=0, sellers=2), Recommendation(Variant.TRUSTING, Why.UNLIMITED_BASE)),
    ],
)
def test_the_thresholds_belong_to_the_outer_variants(base: Base, expected: Recommendation) -> None:
    assert recommend(base, RULES) == expected


@pytest.mark.parametrize("why", Why)
def test_every_reason_has_a_sentence_in_both_languages(why: Why) -> None:
    base = Base(leads=101, vip=20, sellers=2)
    english, russian = (Recommendation(None, why).sentence(base, RULES, language) for language in ("en", "ru"))
    assert english.isascii()
    assert any("а" <= letter <= "я" for letter in russian)
    assert "{" not in english + russian
    assert english.endswith(".")
    assert russian.endswith(".")
    assert set(SENTENCES) == set(Why)


def test_the_sentence_has_figures_and_thresholds() -> None:
    base = Base(leads=101, vip=20, sellers=2)
    found = recommend(base, RULES).sentence(base, RULES, "en")
    assert found.startswith("A seller has 50.5 leads, more than 50 and less than 500")
