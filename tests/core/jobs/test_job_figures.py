"""What a job says of how far it is, how fast, and for how long yet."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import Job

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("done", "total", "percentage", "pace", "left"),
    [(0, 10, 0, None, None), (3, 8, 37, "1.5", 3), (8, 8, 100, "4", 0), (0, 0, 0, None, None)],
)
def test_figures_of_a_running_job(
    done: int, total: int, percentage: int, pace: str | None, left: int | None
) -> None:
    job = Job(
        state="RUNNING",
        done_count=done,
        total_count=total,
        started_at=NOW,
        heartbeat_at=NOW + timedelta(seconds=2),
    )

    assert job.percentage == percentage
    assert (None if job.rows_per_second is None else str(job.rows_per_second)) == pace
    assert job.seconds_left == left
