"""The page of the product's scheduled jobs, from their table."""

from docs.tables import table
from fulfillment.queries.product_jobs import JOBS

INTRODUCTION = """\
**Scheduled work** lists these jobs, and each can be paused or given another schedule
([how](../guides/operations-schedule.md)).
"""


def page() -> str:
    """Return the page's text below its title."""
    rows = [(job.label, _schedule(job.usual), job.does) for job in JOBS]
    return f"{INTRODUCTION}\n{table(('Job', 'Unless changed', 'What it does'), rows)}\n"


def _schedule(usual: tuple[int, str] | str) -> str:
    if isinstance(usual, str):
        return f"`{usual}` in the site's time zone"
    count, unit = usual
    return f"every {unit.removesuffix('s')}" if count == 1 else f"every {count} {unit}"
