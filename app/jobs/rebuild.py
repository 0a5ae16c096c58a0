"""Views built anew, asked for over HTTP."""

from typing import Any

from app.jobs.kinds import Task
from projections.rebuild import RebuildRunning, rebuild
from projections.registry import VIEWS


async def rebuild_views(task: Task) -> dict[str, Any]:
    """Build the views that the order names, beside the running service."""
    services, names = task.services, task.order["views"]
    views = [view for view in VIEWS if view.name in names]
    try:
        await rebuild(services.engine, views, services.decode, task.note)
    except RebuildRunning as running:
        raise RuntimeError(f"view {running.view} is being rebuilt already") from None
    return {}
