"""What a preview showed is kept until it is confirmed, and not for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import Job, PreviewSnapshot
from core.operations.preview_snapshots import keep, read

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize("rows", [{}, {7: "BACKORDER|5", 3: "", 12: "a b \N{SNOWMAN}"}])
def test_what_is_kept_is_read_back(rows: dict[int, str]) -> None:
    assert read(keep(rows, now=NOW)) == rows


def test_what_is_shown_twice_is_kept_once() -> None:
    names = {keep(rows, now=NOW) for rows in ({1: "a", 2: "b"}, {2: "b", 1: "a"}, {1: "b"})}

    assert len(names) == PreviewSnapshot.objects.count() == 2


def test_what_is_a_week_old_goes_except_what_a_job_needs() -> None:
    forgotten, shown_again, needed, done = (keep({1: text}, now=NOW) for text in "abcd")
    ended = {"state": "COMPLETED", "finished_at": NOW}
    for name, columns in ((needed, {}), (done, ended)):
        Job.objects.create(kind="test", parameters={"snapshot": name}, created_at=NOW, **columns)
    Job.objects.create(kind="test", parameters={}, created_at=NOW)
    later = NOW + timedelta(days=7, seconds=1)
    keep({1: "b"}, now=later)

    keep({1: "e"}, now=later)

    assert (read(shown_again), read(needed)) == ({1: "b"}, {1: "c"})
    assert (read(forgotten), read(done)) == (None, None)
