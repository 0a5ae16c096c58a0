"""The words of the trade that several capabilities share, as types with their bounds."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from domain.currencies import CURRENCIES
from domain.forms import formed


class Step(StrEnum):
    """The three steps of the conveyor, in order."""

    LEAD_GENERATION = "lead_generation"
    FIRST_DEAL = "first_deal"
    ACCOUNT_SERVICE = "account_service"


STEPS = tuple(Step)


class Mode(StrEnum):
    """How a firm spreads the steps over its people; see `Regulation.joined`."""

    SEPARATE = "separate"
    LEAD_AND_DEAL = "lead_and_deal"
    DEAL_AND_SERVICE = "deal_and_service"
    SINGLE = "single"


class ClientKind(StrEnum):
    """Whether the client is a firm or a private person."""

    COMPANY = "company"
    PERSON = "person"


class Category(StrEnum):
    """How much a client deserves: VIP first, C last."""

    VIP = "VIP"
    A = "A"
    B = "B"
    C = "C"


class DecisionRole(StrEnum):
    """A key person's part in the client's decisions."""

    DECIDES = "decides"
    INFLUENCES = "influences"
    GATEKEEPER = "gatekeeper"
    USER = "user"


class Channel(StrEnum):
    """How a contact took place."""

    PHONE = "phone"
    EMAIL = "email"
    MESSENGER = "messenger"
    OFFICE_MEETING = "office_meeting"
    SITE_VISIT = "site_visit"
    EXHIBITION = "exhibition"
    TENDER = "tender"


class PurchaseInterval(StrEnum):
    """How often a client is expected to buy."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"


PURCHASES_PER_YEAR = {
    PurchaseInterval.WEEKLY: 52,
    PurchaseInterval.MONTHLY: 12,
    PurchaseInterval.QUARTERLY: 4,
    PurchaseInterval.HALF_YEARLY: 2,
    PurchaseInterval.YEARLY: 1,
}


class FailureReason(StrEnum):
    """Why an employee's work on a client came to nothing."""

    NO_CONTACT = "no_contact"
    KEY_PERSON_NOT_FOUND = "key_person_not_found"
    TYPES_INCOMPATIBLE = "types_incompatible"
    PRICE = "price"
    COMPETITOR = "competitor"
    NO_NEED = "no_need"
    POOR_WORK = "poor_work"
    EMPLOYEE_LEFT = "employee_left"
    OTHER = "other"


class Variant(StrEnum):
    """How the sellers work a base of leads together."""

    DEMOCRATIC = "democratic"
    TRUSTING = "trusting"
    AUTHORITARIAN = "authoritarian"


class Role(StrEnum):
    """What an employee does. Roles may be combined."""

    COLD_CONTACT_MANAGER = "cold_contact_manager"
    CLIENT_BASE_MANAGER = "client_base_manager"
    CLOSING_MANAGER = "closing_manager"
    ACCOUNT_MANAGER = "account_manager"
    SERVICE = "service"
    WAREHOUSE = "warehouse"
    SENIOR_MANAGER = "senior_manager"
    HEAD = "head"
    MARKETER = "marketer"
    DIRECTOR = "director"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


WELL_KNOWN_ORIGINS = (
    "cold_base",
    "inbound",
    "exhibition",
    "tender",
    "referral",
    "paid_search",
    "organic_search",
    "social",
    "email",
    "other",
    "unknown",
)


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the character NUL")
    return text


_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d\s*", re.ASCII)
_NUMERAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2199, 12, 31, tzinfo=UTC)
"""Business time lies between these two, so that no time zone and no count of days leads out of the calendar."""


def _within_bounds(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"must lie between {EARLIEST.year} and {LATEST.year}")
    return moment.astimezone(UTC)


def _blank_as_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _written_as_time(value: Any) -> Any:
    """Pydantic reads numbers as seconds or milliseconds since 1970, whichever it guesses; nobody means that here."""
    if isinstance(value, int | float | Decimal) or (isinstance(value, str) and _NUMERAL.fullmatch(value)):
        raise ValueError("must be written in ISO 8601; a number is no time")
    return value


def _with_its_offset(value: Any) -> Any:
    if isinstance(value, str) and _DATE.fullmatch(value):
        raise ValueError("must be an instant, as 2026-03-05T09:00:00+03:00; a day alone is none")
    return value


_AsTime = BeforeValidator(_written_as_time)
Instant = Annotated[AwareDatetime, BeforeValidator(_with_its_offset), _AsTime]
"""An instant with its offset."""
Moment = Annotated[Instant, AfterValidator(_within_bounds)]
"""An instant of business time, brought to UTC."""
Day = Annotated[date, Field(ge=EARLIEST.date(), le=LATEST.date()), _AsTime]


def _first_day(value: Any) -> Any:
    return f"{value}-01" if isinstance(value, str) and len(value) == len("2026-01") else value


def _month_begins(day: date) -> date:
    if day.day != 1:
        raise ValueError("must be a month, as 2026-01")
    return day


Month = Annotated[
    Day,
    BeforeValidator(_first_day),
    AfterValidator(_month_begins),
    PlainSerializer(lambda day: f"{day:%Y-%m}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}$", "examples": ["2026-01"], "title": "Month"}),
]
"""A month, known by its first day and written without it."""


def none_if_empty(value: Any) -> Any:
    """The value, or None for an empty text or list: facts know one way to say that nothing is there."""
    return None if value in ("", ()) else value


EmptyIsNone = BeforeValidator(_blank_as_none)
"""Front ends send an emptied field as an empty text: it means the same as null."""
NoNul = AfterValidator(_without_nul)
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), NoNul]
Text = Annotated[str, StringConstraints(max_length=10_000, strip_whitespace=True), NoNul]
SomeText = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True), NoNul]
Word = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True), NoNul]
OptionalText = Annotated[Text | None, EmptyIsNone]
OptionalWord = Annotated[Word | None, EmptyIsNone]
SLUG = r"^[a-z][a-z0-9_]{0,39}$"
"""A code word: lower-case Latin letters, digits and _, a letter first."""
Slug = Annotated[
    str,
    formed(SLUG, "must be a word of lower-case Latin letters, digits and _, as cold_base, of 40 characters at most"),
    Field(description="Lower-case letters, digits, _", json_schema_extra={"pattern": SLUG}),
]
Origin = Annotated[
    Slug,
    Field(
        description="Where the client came from: " + ", ".join(WELL_KNOWN_ORIGINS) + ", or a word of the firm's own.",
        examples=["cold_base"],
    ),
]
PersonalityType = Annotated[
    Slug, Field(description="Personality type, for example driver, expressive, amiable, analytical.")
]
Line = Annotated[str, StringConstraints(max_length=1000, strip_whitespace=True), NoNul]
TaxId = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True), NoNul]
Phone = Annotated[str, StringConstraints(min_length=3, max_length=40, strip_whitespace=True), NoNul]
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
Email = Annotated[
    str,
    StringConstraints(max_length=254, strip_whitespace=True),
    formed(_EMAIL, "must be one e-mail address, as name@firm.example"),
    NoNul,
    Field(json_schema_extra={"pattern": _EMAIL}),
]


def _in_force(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("must be a currency code of ISO 4217 that is in force")
    return code


Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    AfterValidator(_in_force),
    Field(description="ISO 4217 code", examples=["EUR"]),
]
AMOUNT_UNIT = Decimal("0.0001")
AMOUNT_LIMIT = Decimal(10) ** 12


def _written_out(number: Decimal) -> Decimal:
    """Without exponent and without the sign of a negative zero, which few readers of JSON expect."""
    plain = Decimal(f"{number:f}")
    return plain or abs(plain)


def _plain_numeral(value: Any) -> Any:
    """Python reads `1_000` and the digits of every script; a form that was filled in so was mistyped."""
    if isinstance(value, str) and not _NUMERAL.fullmatch(value):
        raise ValueError("must be a number in the digits 0 to 9 with a decimal point, as 1000.50")
    return value


_Plain = BeforeValidator(_plain_numeral)
_money = Field(max_digits=16, decimal_places=4, description="Money, in the currency named beside it")
Amount = Annotated[Decimal, Field(ge=0), _money, AfterValidator(_written_out), _Plain]
PositiveAmount = Annotated[Decimal, Field(gt=0), _money, AfterValidator(_written_out), _Plain]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3), AfterValidator(_written_out), _Plain]
