"""Deletes what old release runs decided; the runs themselves stay."""

from datetime import datetime, timedelta

from django.db import connection

BATCH_SIZE = 20_000

DELETE = """
DELETE FROM fulfillment_releasedecision WHERE id IN (
    SELECT decision.id FROM fulfillment_releasedecision AS decision
    JOIN core_job AS run ON run.id = decision.run_id
    WHERE run.finished_at < %s
    ORDER BY decision.id LIMIT %s
)
"""


def delete_old_decisions(*, now: datetime, days: int) -> int:
    """Delete the decisions of runs that ended more than ``days`` days ago; return how many.

    One statement a batch, each a transaction of its own, so that nobody waits for it.
    """
    deleted: int = 0
    before = now - timedelta(days=days)
    with connection.cursor() as cursor:
        while True:
            cursor.execute(DELETE, [before, BATCH_SIZE])
            deleted += cursor.rowcount
            if cursor.rowcount < BATCH_SIZE:
                return deleted
