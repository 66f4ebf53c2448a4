"""Answers Prometheus: backlog, last release run, jobs, schedules, e-mails, exceptions, workers.

Everything is read when it is asked for, from figures that are kept, so that any number of web
processes give the same answer and none of them counts a queue.
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, F, Max, Min
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from config.gauges import GAUGES, PREFIX
from config.traffic import counted
from config.version import VERSION
from core.models import Job
from core.workers import read_pulse
from fulfillment.models import DailyFigures, ReleaseRun
from fulfillment.queries.figures import amount_by_currency, oldest_since, waiting_on
from fulfillment.queries.schedule import faulty_rows
from orders.models import OrderEmail

CONNECTIONS = """
SELECT COALESCE(state, 'other'), count(*), current_setting('max_connections')::int
FROM pg_stat_activity WHERE datname = current_database() GROUP BY 1 ORDER BY 1
"""
LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
Labels = TypeVar("Labels", bound=tuple[str, ...])


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all figures; to others than Prometheus, that a token is needed."""
    if not is_allowed(request):
        return HttpResponse("METRICS_TOKEN is needed.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BackOfficeCollector(timezone.now()))
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503)


def is_allowed(request: HttpRequest) -> bool:
    """Whether the token is given; without one, whether this very machine asks directly, which a
    proxy in front would do for everybody."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_forwarded = settings.BEHIND_PROXY or any(name in request.META for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded


class BackOfficeCollector(Collector):
    """Reads the back office once."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield _gauges("build_info", {(VERSION,): 1})
        day = DailyFigures.objects.order_by("-on").first()
        if day is not None:
            yield from self._backlog(day)
            yield from self._standing(day)
        yield from self._runs()
        yield from _jobs()
        yield from _connections()
        yield _gauge(
            "oldest_queued_email_seconds", self._age(_oldest_email(self._now) or self._now)
        )
        yield _gauge("faulty_schedules", len(faulty_rows(now=self._now)))
        yield from self._pulse()

    def _backlog(self, day: DailyFigures) -> Iterator[Metric]:
        rows = waiting_on(day.on)
        states: Counter[tuple[str, str]] = Counter()
        for row in rows:
            states[row.state, row.band] += row.count
        yield _gauges("waiting_shipments", dict(sorted(states.items())))
        yield _gauge("waiting_held_shipments", sum(row.held_count for row in rows))
        amounts = {(name,): float(amount) for name, amount in amount_by_currency(rows).items()}
        yield _gauges("waiting_value", amounts)
        since = oldest_since(rows)
        yield _gauge("oldest_waiting_seconds", 0 if since is None else self._age(since))
        yield _gauge("figures_age_seconds", self._age(day.refreshed_at))

    def _standing(self, day: DailyFigures) -> Iterator[Metric]:
        exceptions = {
            ("payment_hold",): day.payment_hold_count,
            ("unknown_payment",): day.unknown_payment_count,
            ("overdue_supply",): day.overdue_supply_count,
            ("low_item",): day.low_item_count,
        }
        yield _gauges("exceptions", exceptions)
        emails = {("QUEUED",): day.queued_email_count, ("FAILED",): day.failed_email_count}
        yield _gauges("emails", emails)
        yield _gauge("released_today", day.released_count)

    def _runs(self) -> Iterator[Metric]:
        going_on = ReleaseRun.objects.filter(is_dry_run=False, state=ReleaseRun.State.RUNNING)
        # By the clock that wrote it: a worker's may be apart from this machine's.
        silent_for = going_on.aggregate(longest=Max(Now() - F("heartbeat_at")))["longest"]
        yield _gauge("run_heartbeat_age_seconds", silent_for.total_seconds() if silent_for else 0)
        done = ReleaseRun.objects.filter(is_dry_run=False, finished_at__isnull=False)
        run = done.exclude(state=ReleaseRun.State.SKIPPED).order_by("-pk").first()
        if run is None or run.started_at is None or run.finished_at is None:
            return
        states = (ReleaseRun.State.COMPLETED, ReleaseRun.State.FAILED, ReleaseRun.State.CANCELED)
        yield _gauges("last_run", {(state.value,): run.state == state for state in states})
        yield _gauge("last_run_seconds", (run.finished_at - run.started_at).total_seconds())
        yield _gauge("last_run_age_seconds", self._age(run.finished_at))

    def _pulse(self) -> Iterator[Metric]:
        pulse = read_pulse(now=self._now)
        yield _gauge("broker_up", pulse is not None and not pulse.is_full)
        if pulse is None:
            return
        yield from _traffic()
        yield _gauge("workers", len(pulse.workers))
        yield _gauge("mail_workers", len(pulse.mail_workers))
        yield _gauge("queued_tasks", pulse.queue_length)
        if pulse.beat_at is not None:
            yield _gauge("beat_age_seconds", self._age(pulse.beat_at))

    def _age(self, at: datetime) -> float:
        return max((self._now - at).total_seconds(), 0.0)


def _jobs() -> Iterator[Metric]:
    unfinished = Job.objects.filter(state__in=Job.UNFINISHED_STATES)
    counted = unfinished.values("state").order_by("state").annotate(number=Count("pk"))
    numbers = dict(counted.values_list("state", "number"))
    yield _gauges(
        "jobs", {(state.value,): numbers.get(state, 0) for state in Job.UNFINISHED_STATES}
    )


def _connections() -> Iterator[Metric]:
    """Return the connections to the database; sleeping ones of a pool are idle."""
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        rows = cursor.fetchall()
    yield _gauges("database_connections", {(state,): number for state, number, _limit in rows})
    yield _gauge("database_connections_limit", rows[0][2])


def _oldest_email(now: datetime) -> datetime | None:
    due = OrderEmail.objects.filter(state=OrderEmail.State.QUEUED, next_attempt_at__lte=now)
    at: datetime | None = due.aggregate(at=Min("next_attempt_at"))["at"]
    return at


def _traffic() -> Iterator[Metric]:
    found = counted()
    for name, figure in GAUGES.items():
        if figure.is_counter:
            counter = CounterMetricFamily(PREFIX + name, figure.meaning, labels=figure.labels)
            for labels, value in found.get(name, {}).items():
                counter.add_metric(labels, value)
            yield counter


def _gauge(name: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, GAUGES[name].meaning, value=value)


def _gauges(name: str, values: Mapping[Labels, float]) -> Metric:
    """Return a gauge that has a value for each combination of labels."""
    figure = GAUGES[name]
    gauges = GaugeMetricFamily(PREFIX + name, figure.meaning, labels=figure.labels)
    for label_values, value in values.items():
        gauges.add_metric(label_values, value)
    return gauges
