"""The health of this process: whether it lives, can serve, has its background work done.

Each answer comes within two seconds, whatever is away.
"""

import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from core.workers import LATE_AFTER, read_pulse
from fulfillment.queries.schedule import faulty_rows

OK = "ok"
SILENT = "does not answer"
UNKNOWN = "unknown"
PATIENCE_SECONDS = 1.2
# Who asks more often is given what was found a moment before: strangers may ask, too.
FRESH_SECONDS = 1.0

Found = dict[str, str]

_asking = threading.Lock()
_latest: dict[Callable[[Found], None], tuple[float, Found]] = {}


def live(request: HttpRequest) -> HttpResponse:
    """Answer 200: this process lives."""
    return JsonResponse({"process": OK})


def work(request: HttpRequest) -> HttpResponse:
    """Answer 200 if background work gets done."""
    (found,) = found_lately(background_work)
    return JsonResponse(found, status=200 if is_well(found) else 503)


def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 if this process can serve, and name what is degraded meanwhile.

    A proxy that reads 503 takes the process away: one that serves all but background work stays.
    """
    found, background = found_lately(storage, background_work)
    degraded = [name for name, answer in background.items() if answer != OK]
    return JsonResponse({**found, "degraded": degraded}, status=200 if is_well(found) else 503)


def is_well(found: Found) -> bool:
    """Whether every part answered ``ok``."""
    return all(answer == OK for answer in found.values())


def storage(found: Found) -> None:
    """Find whether the database answers, and how many migrations wait to be applied."""
    found.update(database=SILENT, migrations=UNKNOWN)
    # The connection is this thread's own.
    with suppress(DatabaseError), closing(connection):
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        found.update(database=OK, migrations=f"{len(waiting)} to apply" if waiting else OK)


def background_work(found: Found) -> None:
    """Find whether the broker takes on work, a worker was seen within a minute, and a beat of the
    scheduler reached one lately, and can start everything that is scheduled."""
    found.update(broker=SILENT, workers=UNKNOWN, scheduler=UNKNOWN)
    now = timezone.now()
    pulse = read_pulse(now=now)
    if pulse is None:
        return
    is_late = pulse.beat_at is None or now - pulse.beat_at > LATE_AFTER
    found.update(
        broker="full" if pulse.is_full else OK,
        workers=OK if pulse.workers else "none seen",
        scheduler="late" if is_late else OK,
    )
    # Asked last: the database may be away.
    with suppress(DatabaseError), closing(connection):
        faulty = sum(row.pk is not None for row in faulty_rows(now=now))
        if faulty and not is_late:
            found.update(scheduler=f"{faulty} cannot run")


def found_lately(*questions: Callable[[Found], None]) -> list[Found]:
    """Return what each question found within the last second: one request at a time asks, and
    only what nobody has asked since."""
    with _asking:
        since = time.monotonic() - FRESH_SECONDS
        old = [each for each in questions if each not in _latest or _latest[each][0] < since]
        for question, found in zip(old, asked_at_once(*old), strict=True):
            _latest[question] = (time.monotonic(), found)
        return [dict(_latest[each][1]) for each in questions]


def asked_at_once(*questions: Callable[[Found], None]) -> list[Found]:
    """Return what each question finds, or has found when patience ends."""
    answers: list[Found] = [{} for _ in questions]
    threads = [
        threading.Thread(target=question, args=(answer,), daemon=True)
        for question, answer in zip(questions, answers, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for thread in threads:
        thread.join(max(deadline - time.monotonic(), 0))
    # A thread that is late must not change an answer that is being written.
    return [dict(answer) for answer in answers]
