"""Filters by the firm's own attributes: `attribute.<name>=`, and `_from` and `_to` for numbers and dates."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from app.problems import Problem, invalid
from app.services import Services
from domain.client.card import AttributeValue
from domain.regulation.attributes import Attribute, AttributeKind
from projections.clients_query import AttributeFilter

PREFIX = "attribute."
_BEGIN, _END = "_from", "_to"
_RANGED = frozenset({AttributeKind.NUMBER, AttributeKind.DATE})
_VALUE: TypeAdapter[str] = TypeAdapter(AttributeValue)


def _parameter(suffix: str, description: str) -> dict[str, Any]:
    return {
        "name": f"{PREFIX}{{name}}{suffix}",
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


ATTRIBUTE_PARAMETERS = [
    _parameter(
        "",
        "The value of one of the firm's own attributes, such as `attribute.fleet_size=40`; case does not count, several"
        " values are alternatives",
    ),
    _parameter(_BEGIN, "The least value of an attribute that is a number or a date, inclusive"),
    _parameter(_END, "The greatest value of an attribute that is a number or a date, inclusive"),
]
"""For the documentation: these parameters have names of the firm's choosing."""


async def attribute_filters(request: Request, services: Services) -> list[AttributeFilter]:
    """The filters by own attributes that were sent.

    Raises:
        Problem: `invalid_request` for an undeclared attribute, a value of another kind, a range where there is none.
    """
    query = request.query_params
    sent = {name.removeprefix(PREFIX): query.getlist(name) for name in query if name.startswith(PREFIX)}
    try:
        return _filters(sent, services.directory.regulation.attributes)
    except Problem:
        if not await services.directory.refresh():
            raise
    return _filters(sent, services.directory.regulation.attributes)


def _filters(sent: Mapping[str, Sequence[str]], declared: Mapping[str, Attribute]) -> list[AttributeFilter]:
    return [_filter(name, values, declared) for name, values in sent.items()]


def _filter(name: str, values: Sequence[str], declared: Mapping[str, Attribute]) -> AttributeFilter:
    if name in declared:
        return AttributeFilter(name, [_value(name, value, declared[name]) for value in values])
    for suffix in (_BEGIN, _END):
        attribute = declared.get(name.removesuffix(suffix))
        if name.endswith(suffix) and attribute is not None:
            bound = _bound(name, values, attribute)
            return AttributeFilter(attribute.name, (), *((bound, None) if suffix == _BEGIN else (None, bound)))
    raise invalid(PREFIX + name, f"Send an attribute of the regulation: {sorted(declared)}.", "unknown_attribute")


def _bound(name: str, values: Sequence[str], attribute: Attribute) -> Decimal | str:
    if attribute.kind not in _RANGED:
        raise invalid(PREFIX + name, f"Only numbers and dates have ranges; this is a {attribute.kind}.", "no_range")
    if len(values) > 1:
        raise invalid(PREFIX + name, "Send one bound.", "repeated")
    value = _value(name, values[0], attribute)
    return Decimal(value) if attribute.kind is AttributeKind.NUMBER else value


def _value(name: str, value: str, attribute: Attribute) -> str:
    try:
        normalised = attribute.normalised(_VALUE.validate_python(value))
    except ValidationError:
        normalised = None
    if normalised is None:
        wanted = f"one of {list(attribute.choices)}" if attribute.choices else f"a {attribute.kind}"
        raise invalid(PREFIX + name, f"Send {wanted}.", "wrong_attribute_value")
    return normalised
