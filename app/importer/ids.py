"""Ids that follow from the keys in a file, so that the same file makes the same parts however often it is imported."""

from uuid import UUID, uuid5

from domain.types import Step

_IMPORTS = UUID("6b1a8d0e-7c55-5f0b-9a53-0b6d2b7c41d8")
_SEPARATOR = "\x1f"

Key = tuple[str, ...]
"""The values of the columns that tell one record of a file from the others."""


def of_key(source: str, name: str, key: Key) -> UUID:
    """What the key of this name (`lead`, `deal`, `customer`, `order`) stands for in a source.

    The id of a lead is its client's; that of a customer key is the stream that tells which client it belongs to.
    """
    return uuid5(_IMPORTS, _SEPARATOR.join((source, name, *key)))


def handoff_id(deal: UUID, to_step: Step) -> UUID:
    """The handoff that a deal from a file brought about."""
    return uuid5(deal, f"handoff:{to_step}")


def row_id(record: UUID, values: Key) -> UUID:
    """The id of a record together with what the file says of it: the cause of the events made from it."""
    return uuid5(record, _SEPARATOR.join(values))
