"""The search for duplicates in the whole base."""

from typing import Any

from sqlalchemy import delete

from app.duplicate_lists import LAST_DONE
from app.duplicate_search import search
from app.jobs.kinds import Task
from app.tables import duplicate_pairs as pairs


async def search_duplicates(task: Task) -> dict[str, Any]:
    """Find the pairs; once the job is done they are the worklist, instead of those before."""
    services = task.services
    async with services.engine.begin() as connection:
        await connection.execute(delete(pairs).where(pairs.c.run_id.not_in(LAST_DONE)))
    found = await search(services.engine, task.id, services.settings.default_region, task.note)
    return {"pairs": found}
