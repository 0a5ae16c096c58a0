"""Times in commands are written out: a number is never read as seconds since 1970."""

import pytest
from pydantic import ValidationError

from domain.kernel import Command
from tests.domain.examples import COMMANDS

MADE_BY_THE_SERVICE = {"TakePlannedLead", "RecordPlan"}
"""Nobody sends these: their times are those of a command that was checked."""


@pytest.mark.parametrize("sent", [86400, 86400.0, "86400", " 1e9 "])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_number_is_no_time(command: Command, sent: object) -> None:
    kind = type(command)
    for name, field in kind.model_fields.items():
        if "date" not in str(field.annotation) or kind.__name__ in MADE_BY_THE_SERVICE:
            continue
        with pytest.raises(ValidationError) as refused:
            kind.model_validate(command.model_dump() | {name: sent})
        assert (name,) in {error["loc"] for error in refused.value.errors() if "ISO 8601" in error["msg"]}
