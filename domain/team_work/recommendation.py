"""Which variant of team work suits a base of leads, and why."""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.regulation.team_rules import TeamRules
from domain.types import Variant

_PLACES = 4


class Why(StrEnum):
    """Why a variant suits, or why nothing can be said."""

    NO_SELLERS = "no_sellers"
    NO_LEADS = "no_leads"
    MANY_VIP = "many_vip"
    LIMITED_BASE = "limited_base"
    UNLIMITED_BASE = "unlimited_base"
    LARGE_BASE = "large_base"


class Sentence(NamedTuple):
    """A reason in words, with places for the figures and the thresholds."""

    english: str
    russian: str


SENTENCES = {
    Why.NO_SELLERS: Sentence(
        "Nobody sells in this step, so that nothing can be said.",
        "На этой ступени нет продавцов, поэтому рекомендации нет.",
    ),
    Why.NO_LEADS: Sentence(
        "There are no leads in this step, so that nothing can be said.",
        "На этой ступени нет лидов, поэтому рекомендации нет.",
    ),
    Why.MANY_VIP: Sentence(
        "{vip} of {leads} leads are VIP, a share of {share}; from {vip_share} on status decides, and head and deputy "
        "prepare each lead.",
        "VIP — {vip} из {leads} лидов, доля {share}; начиная с {vip_share} решает статус, и каждый лид готовят "
        "руководитель и заместитель.",
    ),
    Why.LIMITED_BASE: Sentence(
        "A seller has {per_seller} leads; up to {few} the base is sharply limited, and no lead may be lost to a seller "
        "who does not suit it.",
        "На продавца приходится {per_seller} лидов; до {few} база резко ограничена, и ни один лид нельзя потерять "
        "из-за неподходящего продавца.",
    ),
    Why.UNLIMITED_BASE: Sentence(
        "A seller has {per_seller} leads; from {many} on the base is as good as unlimited, and sellers keep their own "
        "lists.",
        "На продавца приходится {per_seller} лидов; начиная с {many} база практически не ограничена, и продавцы ведут "
        "собственные списки.",
    ),
    Why.LARGE_BASE: Sentence(
        "A seller has {per_seller} leads, more than {few} and less than {many}: the base is large, and sellers "
        "exchange what does not suit them.",
        "На продавца приходится {per_seller} лидов, больше {few} и меньше {many}: база велика, и продавцы "
        "обмениваются тем, что им не подходит.",
    ),
}


class Base(NamedTuple):
    """A base of leads, and how many sellers work it."""

    leads: int
    vip: int
    sellers: int

    @property
    def per_seller(self) -> Decimal | None:
        """Leads per seller, to one place."""
        return round(Decimal(self.leads) / self.sellers, 1) if self.sellers else None

    @property
    def vip_share(self) -> Decimal | None:
        """The share of VIP clients, to four places."""
        return round(Decimal(self.vip) / self.leads, _PLACES) if self.leads else None


class Recommendation(NamedTuple):
    """The variant that suits the base, if one can be named, and why."""

    variant: Variant | None
    why: Why

    def sentence(self, base: Base, rules: TeamRules, language: str) -> str:
        """The reason in words: `ru` or `en`."""
        words = SENTENCES[self.why]
        return (words.russian if language == "ru" else words.english).format(
            vip=base.vip,
            leads=base.leads,
            share=base.vip_share,
            vip_share=rules.vip_share,
            per_seller=base.per_seller,
            few=rules.few_leads_per_seller,
            many=rules.many_leads_per_seller,
        )


def recommend(base: Base, rules: TeamRules) -> Recommendation:
    """The variant by the thresholds of the regulation: status first, then how many leads a seller has."""
    if not base.sellers:
        return Recommendation(None, Why.NO_SELLERS)
    if not base.leads:
        return Recommendation(None, Why.NO_LEADS)
    per_seller = Decimal(base.leads) / base.sellers
    if Decimal(base.vip) / base.leads >= rules.vip_share:
        return Recommendation(Variant.AUTHORITARIAN, Why.MANY_VIP)
    if per_seller <= rules.few_leads_per_seller:
        return Recommendation(Variant.AUTHORITARIAN, Why.LIMITED_BASE)
    if per_seller >= rules.many_leads_per_seller:
        return Recommendation(Variant.TRUSTING, Why.UNLIMITED_BASE)
    return Recommendation(Variant.DEMOCRATIC, Why.LARGE_BASE)
