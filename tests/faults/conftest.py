"""An installation per test, with nothing left running afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.processes import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A new data folder with a database of its own."""
    found = Installation(tmp_path / "data")
    yield found
    found.shut_down()
