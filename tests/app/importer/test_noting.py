"""Which rows are on their way in."""

from uuid import uuid4

from app.importer.noting import Noting
from app.importer.problems import RowError
from tests.app.importer.conftest import Parts


async def test_rows_with_very_many_wrong_cells_are_left_out(parts: Parts):
    noting = Noting(parts.engine, uuid4())
    await noting.left_out([RowError(2, f"column {number}", "wrong_value: no") for number in range(40_000)])
    assert await noting.count() == 0
