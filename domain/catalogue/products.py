"""Products: what its variants have in common, and which attributes tell them apart. One stream per product.

A green broom with turbo is another article than a brown one without: each variant is an article of its own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from domain.catalogue.articles import Article, EnterArticle
from domain.catalogue.codes import Code, Label, article_id
from domain.kernel import Command, Consequence, Event, JointCommand, Reach, Recorded, Refused
from domain.regulation.state import RuleContext
from domain.types import Slug, Word

MOST_ATTRIBUTES, MOST_VARIANTS = 20, 1_000


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise ValueError("must name each attribute once")
    return names


AttributeNames = Annotated[
    tuple[Slug, ...],
    Field(max_length=MOST_ATTRIBUTES, description="What tells its variants apart", examples=[["colour", "turbo"]]),
    AfterValidator(_each_once),
]
Attributes = Annotated[
    Mapping[Slug, Word],
    Field(max_length=MOST_ATTRIBUTES, description="A value for each attribute of the product"),
]


class ProductAdded(Event, topic="products.added"):
    """A product, whose variants differ in these attributes."""

    code: str
    label: str
    unit: str
    attributes: tuple[str, ...] = ()


class VariantAdded(Event, topic="products.variant_added", begins="article_id"):
    """The variant with these attributes is an article under this code."""

    article_id: UUID
    article: str
    attributes: Mapping[str, str] = {}


Values = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product as decisions see it; without a code before it was added. `variants`: articles by their attributes."""

    id: UUID
    version: int = 0
    code: str = ""
    label: str = ""
    unit: str = ""
    attributes: tuple[str, ...] = ()
    variants: Mapping[Values, str] = field(default_factory=dict[Values, str])

    @staticmethod
    def empty(stream_id: UUID) -> "Product":
        """Before it was added."""
        return Product(stream_id)

    def evolve(self, recorded: Recorded) -> "Product":
        """The product after one more event."""
        match recorded.event:
            case ProductAdded() as event:
                return replace(self, version=recorded.version, **event.model_dump())
            case VariantAdded(article=article, attributes=attributes):
                return replace(self, version=recorded.version, variants={**self.variants, _values(attributes): article})
            case _:
                return self


def _values(attributes: Mapping[str, str]) -> Values:
    """The attributes as they are compared, case aside."""
    return tuple(sorted((name, value.casefold()) for name, value in attributes.items()))


class AddProduct(Command):
    """Add a product under a code of the firm's own, with the attributes that tell its variants apart."""

    code: Code
    label: Label
    unit: Annotated[Word, Field(description="What quantities are counted in", examples=["piece", "kg"])] = "piece"
    attributes: AttributeNames = ()

    refusals: ClassVar = ("in_future", "product_exists")
    examples: ClassVar = ({"code": "BROOM", "label": "Broom", "attributes": ["colour", "turbo"]},)

    def decide(self, product: Product, context: RuleContext) -> list[Event]:
        if product.code:
            raise Refused("product_exists", product=product.code, id=product.id)
        return [ProductAdded(**self.model_dump(exclude={"occurred_at"}))]


class AddArticle(JointCommand):
    """Add a variant of the product as an article under a code of the firm's own."""

    code: Code
    attributes: Attributes = Field(default_factory=dict)

    refusals: ClassVar = (
        "in_future",
        "unknown_product",
        "wrong_attributes",
        "variant_exists",
        "too_many_variants",
        "article_exists",
    )
    examples: ClassVar = ({"code": "BROOM-GREEN-T", "attributes": {"colour": "green", "turbo": "yes"}},)

    def reach(self, state: Any) -> Collection[Reach]:
        return (Reach(Article, article_id(self.code)),)

    def decide(self, product: Product, context: RuleContext) -> list[Event]:
        if not product.code:
            raise Refused("unknown_product", id=product.id)
        if set(self.attributes) != set(product.attributes):
            raise Refused("wrong_attributes", needed=product.attributes, sent=sorted(self.attributes))
        variant = product.variants.get(_values(self.attributes))
        if variant is not None:
            raise Refused("variant_exists", article=variant, attributes=self.attributes)
        if len(product.variants) >= MOST_VARIANTS:
            raise Refused("too_many_variants", product=product.code, most=MOST_VARIANTS)
        present = context.known(Article, article_id(self.code))
        if present is not None and present.code:
            raise Refused("article_exists", article=present.code, id=present.id, product=present.product)
        return [VariantAdded(article_id=article_id(self.code), article=self.code, attributes=self.attributes)]

    def consequences(self, state: Product, events: Sequence[Event]) -> Iterable[Consequence]:
        enter = EnterArticle(
            code=self.code, product=state.code, label=state.label, unit=state.unit, attributes=self.attributes
        )
        return (Consequence(Article, article_id(self.code), enter),)
