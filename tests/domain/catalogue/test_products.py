"""Products and their variants."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.catalogue.articles import Article, ArticleAdded, EnterArticle
from domain.catalogue.codes import article_id, product_id
from domain.catalogue.products import MOST_VARIANTS, AddArticle, AddProduct, Product, ProductAdded, VariantAdded
from domain.kernel import Consequence
from tests.spec import Refusal, finds, given_stream, recorded, refusal

BROOM = ProductAdded(code="BROOM", label="Broom", unit="piece", attributes=("colour", "turbo"))
GREEN = {"colour": "green", "turbo": "yes"}
ADD = AddArticle(code="BROOM-GT", attributes=GREEN)
ADDED = VariantAdded(article_id=article_id("BROOM-GT"), article="BROOM-GT", attributes=GREEN)
EMPTY = Product.empty(product_id("BROOM"))
ARTICLE = Article.empty(article_id("BROOM-GT"))
ENTERED = ArticleAdded(code="BROOM-GT", product="BROOM", label="Broom", unit="piece", attributes=GREEN)
ENTER = EnterArticle(code="BROOM-GT", product="BROOM", label="Broom", unit="piece", attributes=GREEN)
WITH_BROOM = given_stream(EMPTY, BROOM)
FULL = given_stream(
    EMPTY,
    BROOM,
    *(
        VariantAdded(article_id=article_id(f"B-{n}"), article=f"B-{n}", attributes={"colour": str(n), "turbo": "no"})
        for n in range(MOST_VARIANTS)
    ),
)
TAKEN = ARTICLE.evolve(recorded([ENTERED])[0])

REFUSALS = [
    refusal("product_exists", WITH_BROOM, AddProduct(code="broom", label="Besom"), {"product": "BROOM"}),
    refusal("unknown_product", given_stream(EMPTY), ADD),
    refusal("wrong_attributes", WITH_BROOM, AddArticle(code="B"), {"needed": ("colour", "turbo"), "sent": []}),
    refusal(
        "variant_exists",
        given_stream(EMPTY, BROOM, ADDED),
        AddArticle(code="B", attributes={"colour": "GREEN", "turbo": "yes"}),
        {"article": "BROOM-GT"},
    ),
    refusal("too_many_variants", FULL, ADD),
    refusal("article_exists", WITH_BROOM, ADD, {"product": "BROOM"}, known=finds(TAKEN)),
    refusal("article_exists", given_stream(ARTICLE, ENTERED), ENTER),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_a_product_is_added() -> None:
    given_stream(EMPTY).when(AddProduct(code="BROOM", label="Broom", attributes=("colour", "turbo"))).then(BROOM)


def test_a_variant_is_an_article_of_its_own() -> None:
    product = WITH_BROOM.when(ADD, known=finds(ARTICLE)).then(ADDED)
    assert list(product.variants.values()) == ["BROOM-GT"]
    assert list(ADD.consequences(product, [ADDED])) == [Consequence(Article, ARTICLE.id, ENTER)]
    given_stream(ARTICLE).when(ENTER).then(ENTERED)


def test_a_product_without_attributes_has_one_variant() -> None:
    plain = given_stream(EMPTY, BROOM.model_copy(update={"attributes": ()}))
    again = plain.when(AddArticle(code="B")).after()
    with pytest.raises(Exception, match="variant_exists"):
        AddArticle(code="C").decide(again, plain.when(AddArticle(code="C")).context)


@pytest.mark.parametrize(
    "body", [{"code": ""}, {"code": "x" * 65}, {"attributes": ["a", "a"]}, {"attributes": ["Not a slug"]}]
)
def test_malformed_products(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AddProduct.model_validate({"code": "A", "label": "A", **body})
