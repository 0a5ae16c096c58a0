"""What a client is identified by, checked and in one spelling: phone numbers, tax ids.

What people typed is what is stored; the spelling of here is for comparing and for telling what looks wrong.
"""

import re
from typing import Any, NamedTuple

import phonenumbers
import stdnum
from phonenumbers import PhoneNumberFormat
from stdnum.eu import vat as eu_vat
from stdnum.ru import inn

from projections.identity import phone_key, tax_key

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)
"""Countries by their ISO 3166 code."""
_CHECKED = {"RU": "RU", "EL": "GR"} | {code.upper(): code.upper() for code in eu_vat.MEMBER_STATES}
"""The countries whose tax ids can be checked, by the letters that tax ids begin with."""
_EIK_WITH_BRANCH, _EIK = 13, 9


class Doubt(NamedTuple):
    """Something that looks wrong with a field, and is taken as it is all the same."""

    field: str
    code: str
    message: str


def e164(phone: str, region: str) -> str | None:
    """The number in the international spelling E.164, its extension left out.

    `region` is the country of numbers that are written without one. None where it cannot be a number.
    """
    try:
        number = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def same_phone(one: str, other: str, region: str) -> bool:
    """Whether two spellings are one number; those that cannot be numbers are compared digit by digit.

    Only numbers with one `phone_key` can be: reading a whole number takes a hundred times as long.
    """
    if phone_key(one) != phone_key(other):
        return False
    first, second = e164(one, region), e164(other, region)
    if first is None and second is None:
        return phone_key(one) is not None and _digits(one) == _digits(other)
    return first == second


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def country_of(tax_id: str, region: str) -> str:
    """The country that the number names by two letters at its beginning, else `region`."""
    code = re.sub(r"[\W_]", "", tax_id.upper())
    return _CHECKED.get(code[:2], region) if re.search("[0-9]", code[2:]) else region


def tax_id_fits(tax_id: str, region: str) -> bool:
    """Whether the number passes the check of its country: Russia (ИНН), Bulgaria (ЕИК) and VAT of the European Union.

    True for other countries, whose checks are not known here.
    """
    country, number = country_of(tax_id, region), tax_key(tax_id) or ""
    if country == "RU":
        return inn.is_valid(number)
    module: Any = stdnum.get_cc_module(country, "vat") if country in _CHECKED.values() else None
    if module is None:
        return True
    if country == "BG" and len(number) == _EIK_WITH_BRANCH:
        number = number[:_EIK]
    return bool(module.is_valid(number))


def doubts(tax_id: str | None, phones: tuple[str, ...], region: str) -> list[Doubt]:
    """What looks wrong with the tax id and the phones of a client."""
    found: list[Doubt] = []
    if tax_id and not tax_id_fits(tax_id, region):
        country = country_of(tax_id, region)
        found.append(Doubt("tax_id", "tax_id_check_failed", f"It does not pass the check of tax ids of {country}."))
    found += [
        Doubt(f"phones.{place}", "phone_not_possible", f"There is no such number, seen from {region}.")
        for place, phone in enumerate(phones)
        if e164(phone, region) is None
    ]
    return found
