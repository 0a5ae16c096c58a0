"""Cells with several values."""

import pytest

from app.importer.several import several


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("phones", "+7 495 123-45-67", ("+7 495 123-45-67",)),
        ("phones", "+7 495 123-45-67, 8 912 111-22-33", ("+7 495 123-45-67", "8 912 111-22-33")),
        ("phones", "+74951234567;+74951234568/ +74951234567;", ("+74951234567", "+74951234568")),
        ("phones", "+7 495 123-45-67, доб. 12", ("+7 495 123-45-67, доб. 12",)),
        ("phones", "123-45-67/68", ("123-45-67/68",)),
        ("emails", "a@b.example; c@d.example e@f.example", ("a@b.example", "c@d.example", "e@f.example")),
    ],
)
def test_each_value_is_one(field: str, text: str, values: tuple[str, ...]) -> None:
    assert several(field, text) == values
