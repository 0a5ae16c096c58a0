"""The events of a client's category, apart from its commands because the card reads them."""

from domain.kernel import Event, Personal
from domain.regulation.categories import ClientFigures
from domain.types import Category


class CategoryAssigned(Event, topic="categories.assigned"):
    """The client is of another category, or for another reason.

    By a rule: its name and the figures that it looked at. By a person, against the rules: `rule` is null, and the
    reason is there; this holds until it is released.
    """

    category: Category
    before: Category | None
    rule: str | None = None
    figures: ClientFigures | None = None
    reason: Personal[str] = None


class CategoryReleased(Event, topic="categories.released"):
    """What a person had said of the category holds no longer: the rules may assign one again."""

    category: Category
    reason: Personal[str] = None
