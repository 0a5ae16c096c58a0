"""What each variant asks of whom, by stage: the final and the coordinating stage are the same in all variants."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from domain.team_work.events import TeamStage
from domain.types import Variant


class Whose(StrEnum):
    """Whose duty it is."""

    HEAD = "head"
    DEPUTY = "deputy"
    SELLER = "seller"


class Duty(NamedTuple):
    """A duty by its code and in words; `worklist`: where in the API it is seen or done, below the team or by itself."""

    code: str
    whose: tuple[Whose, ...]
    worklist: str
    english: str
    russian: str


_HEAD, _DEPUTY, _SELLER = (Whose.HEAD,), (Whose.HEAD, Whose.DEPUTY), (Whose.SELLER,)
_CONTROL = Duty(
    "control_deadlines",
    _DEPUTY,
    "deadlines",
    "Control tasks and deadlines of all sellers",
    "Контролировать задачи и сроки всех продавцов",
)
_RESULTS = (
    Duty(
        "draw_up_results",
        _DEPUTY,
        "results",
        "Draw up the results by seller and by lead",
        "Подвести итоги по продавцам и по лидам",
    ),
    Duty(
        "hand_contracts_on",
        _SELLER,
        "results/leads",
        "Hand contracts on to the next step",
        "Передать договоры на следующую ступень",
    ),
    Duty(
        "complete_cards",
        _SELLER,
        "calling-list",
        "Complete the cards: key persons, their part in decisions, types",
        "Заполнить карточки: ключевые лица, их роль в решении, типажи",
    ),
)
_WORK_LEADS = Duty(
    "work_own_leads",
    _SELLER,
    "leads",
    "Work your own leads; answer for them",
    "Работать со своими лидами, отвечать за них",
)
_REVIEW = Duty(
    "hold_review",
    _HEAD,
    "review",
    "Go through the leads without a contract, with the reasons of failure; they go to others by compatibility",
    "Разобрать лиды без договора с причинами неудач; они переходят к другим по совместимости типажей",
)
DUTIES: Mapping[Variant, Mapping[TeamStage, tuple[Duty, ...]]] = {
    Variant.DEMOCRATIC: {
        TeamStage.PREPARATORY: (
            Duty(
                "deal_out_by_territory",
                _HEAD,
                "/distributions",
                "Deal the leads out by industry or region",
                "Раздать лиды по отраслям или территориям",
            ),
        ),
        TeamStage.MAIN: (
            Duty(
                "find_out_types",
                _SELLER,
                "calling-list",
                "Find out types by phone or at the first meeting, and enter them",
                "Выяснить типажи по телефону или на первой встрече и внести их",
            ),
            Duty(
                "offer_unsuitable_leads",
                _SELLER,
                "leads",
                "Offer leads that do not suit you to colleagues",
                "Предложить неподходящие лиды коллегам",
            ),
            Duty(
                "answer_offers",
                _SELLER,
                "/exchanges",
                "Accept or decline what colleagues offer",
                "Принять или отклонить предложения коллег",
            ),
        ),
    },
    Variant.TRUSTING: {
        TeamStage.PREPARATORY: (
            Duty(
                "draw_up_own_list",
                _SELLER,
                "leads",
                "Draw up your own list of leads",
                "Составить собственный список лидов",
            ),
        ),
        TeamStage.MAIN: (_WORK_LEADS, _REVIEW),
    },
    Variant.AUTHORITARIAN: {
        TeamStage.PREPARATORY: (
            Duty(
                "call_through",
                _DEPUTY,
                "calling-list",
                "Call through the one list: key persons, their part in decisions, their types",
                "Обзвонить единый список: ключевые лица, их роль в решении, типажи",
            ),
            Duty(
                "distribute_by_type",
                _HEAD,
                "/distributions",
                "Distribute the leads by type",
                "Распределить лиды по типажам",
            ),
        ),
        TeamStage.MAIN: (_WORK_LEADS, _REVIEW),
    },
}


def duties(variant: Variant, stage: TeamStage) -> tuple[Duty, ...]:
    """What is to be done at a stage of a variant."""
    if stage is TeamStage.FINAL:
        return _RESULTS
    if stage is TeamStage.COORDINATING:
        return (_CONTROL,)
    return DUTIES[variant][stage]
