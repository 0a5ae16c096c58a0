"""Ids that follow from the keys in a file, so that the same file makes the same parts however often it is imported."""

from uuid import UUID, uuid5

from domain.types import Step

_IMPORTS = UUID("6b1a8d0e-7c55-5f0b-9a53-0b6d2b7c41d8")
_SEPARATOR = "\x1f"

Key = tuple[str, ...]
"""The values of the columns that tell one record of a file from the others."""


def client_id(source: str, lead_key: Key) -> UUID:
    """The client that a lead of this source is."""
    return _derived(source, "lead", *lead_key)


def customer_stream_id(source: str, customer_key: Key) -> UUID:
    """The stream that tells which client a source's customer key belongs to."""
    return _derived(source, "customer", *customer_key)


def deal_id(source: str, deal_key: Key) -> UUID:
    """The deal of this source."""
    return _derived(source, "deal", *deal_key)


def order_id(source: str, order_key: Key) -> UUID:
    """The order of this source."""
    return _derived(source, "order", *order_key)


def handoff_id(deal: UUID, to_step: Step) -> UUID:
    """The handoff that a deal from a file brought about."""
    return uuid5(deal, f"handoff:{to_step}")


def row_id(record: UUID, values: Key) -> UUID:
    """The id of a record together with what the file says of it: the cause of the events made from it."""
    return uuid5(record, _SEPARATOR.join(values))


def _derived(*parts: str) -> UUID:
    return uuid5(_IMPORTS, _SEPARATOR.join(parts))
