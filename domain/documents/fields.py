"""The values that a template may name, and how amounts and days are written in a document."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.documents.language import Names


class DocumentKind(StrEnum):
    """What a document is for."""

    PROPOSAL = "proposal"
    REMINDER_LETTER = "reminder_letter"
    PRESENTATION = "presentation"
    QUESTIONNAIRE = "questionnaire"


class Tongue(StrEnum):
    """The language of a document: it decides how amounts and days are written."""

    RUSSIAN = "ru"
    ENGLISH = "en"


CLIENT = frozenset(
    f"client.{name}"
    for name in ("name", "tax_id", "phones", "emails", "site", "region", "industry", "preferences", "need")
)
PERSON = frozenset({"person.name", "person.position"})
DEAL = frozenset({"deal.title", "deal.amount", "deal.currency", "deal.close_on"})
SENDER = frozenset({"sender.name"})
PROPOSAL = frozenset(
    f"proposal.{name}"
    for name in (
        "number",
        "revision",
        "list_total",
        "subtotal",
        "discount",
        "saved",
        "given",
        "total",
        "currency",
        "valid_until",
        "terms",
    )
)
LINE = frozenset({"number", "article", "text", "unit", "quantity", "list_price", "price", "discount", "amount"})
QUESTION = frozenset({"number", "text"})
ATTRIBUTES = "client.attributes."
_COMMON = CLIENT | PERSON | DEAL | SENDER | {"today"}
_LISTS = {
    DocumentKind.PROPOSAL: {"lines": LINE},
    DocumentKind.QUESTIONNAIRE: {"questions": QUESTION},
}


def names_for(kind: DocumentKind) -> Names:
    """What a template of this kind may name."""
    own = PROPOSAL if kind is DocumentKind.PROPOSAL else frozenset[str]()
    return Names(_COMMON | own, _LISTS.get(kind, {}), (ATTRIBUTES,))


_THIN = "\N{NO-BREAK SPACE}"
_CENTS = 2


def amount_written(amount: Decimal, tongue: Tongue) -> str:
    """The amount with two to four decimals, as ``12 000,50`` in Russian and ``12,000.50`` in English."""
    whole, _, decimals = f"{amount:,.4f}".partition(".")
    decimals = decimals.rstrip("0").ljust(_CENTS, "0")
    if tongue is Tongue.RUSSIAN:
        return f"{whole.replace(',', _THIN)},{decimals}"
    return f"{whole}.{decimals}"


def number_written(number: Decimal, tongue: Tongue) -> str:
    """A number that is no money, without zeros at the end."""
    plain = f"{number:f}"
    shown = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return shown.replace(".", ",") if tongue is Tongue.RUSSIAN else shown


def day_written(day: date | None, tongue: Tongue) -> str:
    """The day, as ``31.03.2026`` in Russian and ``2026-03-31`` in English; nothing where there is none."""
    if day is None:
        return ""
    return f"{day:%d.%m.%Y}" if tongue is Tongue.RUSSIAN else day.isoformat()
