"""Texts that have to be of one form."""

import re

from pydantic import AfterValidator


def formed(pattern: str, wanted: str) -> AfterValidator:
    """A text of this form: whoever sends another one is told what is wanted, which a pattern tells few people."""
    form = re.compile(pattern)

    def checked(value: str) -> str:
        if not form.fullmatch(value):
            raise ValueError(wanted)
        return value

    return AfterValidator(checked)
