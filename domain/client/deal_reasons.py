"""Why deals are won and lost; proposals are declined for the same reasons as deals are lost."""

from enum import StrEnum


class LossReason(StrEnum):
    """Why a deal was lost."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NO_NEED = "no_need"
    NO_CONTACT = "no_contact"
    TIMING = "timing"
    TERMS = "terms"
    OTHER = "other"


class WinReason(StrEnum):
    """Why a deal was won."""

    PRICE = "price"
    QUALITY = "quality"
    ASSORTMENT = "assortment"
    SPEED = "speed"
    TERMS = "terms"
    SERVICE = "service"
    RELATIONSHIP = "relationship"
    OTHER = "other"
