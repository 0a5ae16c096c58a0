"""Codes of the firm's own for articles, products, price lists and warehouses, and the streams that follow from them.

Who adds the same code twice writes to one stream, of which the store takes one.
"""

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import Field, StringConstraints

from domain.types import NoNul, Word

_CODES = UUID("3d6f2c1e-8f0a-5d3b-9a41-52c1b7e0d4a9")

Code = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, strip_whitespace=True),
    NoNul,
    Field(description="A code of the firm's own; the same in upper and lower case", examples=["BROOM-GREEN"]),
]
Label = Annotated[Word, Field(description="How people call it", examples=["Broom"])]


def _stream(kind: str, code: str) -> UUID:
    return uuid5(_CODES, f"{kind} {code.strip().casefold()}")


def product_id(code: str) -> UUID:
    """The stream of a product."""
    return _stream("product", code)


def article_id(code: str) -> UUID:
    """The stream of an article."""
    return _stream("article", code)


def stock_id(code: str) -> UUID:
    """The stream of an article's stock."""
    return _stream("stock", code)


def price_list_id(code: str) -> UUID:
    """The stream of a price list."""
    return _stream("price list", code)


def warehouse_id(code: str) -> UUID:
    """The stream of a warehouse."""
    return _stream("warehouse", code)
