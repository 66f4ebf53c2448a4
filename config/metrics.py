"""Answers Prometheus: backlog, last release run, jobs, schedules, e-mails, exceptions, workers.

Everything is read when it is asked for, from figures that are kept, so that any number of web
processes give the same answer and none of them counts a queue.
"""

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from core.models import Job
from core.workers import read_pulse
from fulfillment.models import DailyFigures, ReleaseRun
from fulfillment.queries.figures import amount_by_currency, oldest_since, waiting_on
from fulfillment.queries.schedule import faulty_rows

LOOPBACK = {"127.0.0.1", "::1"}
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
Labels = TypeVar("Labels", bound=tuple[str, ...])


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all figures; to others than Prometheus, that a token is needed."""
    if not is_allowed(request):
        return HttpResponse("METRICS_TOKEN is needed.\n", status=403, content_type="text/plain")
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BackOffice(timezone.now()))
    try:
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503)


def is_allowed(request: HttpRequest) -> bool:
    """Whether the token is given; without one, whether this very machine asks directly."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_forwarded = any(name in request.META for name in FORWARDED)
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not is_forwarded


class BackOffice(Collector):
    """Reads the back office once."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        """Nothing beforehand: registering must not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        day = DailyFigures.objects.order_by("-on").first()
        if day is not None:
            yield from self._backlog(day)
            yield from self._standing(day)
        yield from self._runs()
        yield from _jobs()
        yield _gauge(
            "faulty_schedules",
            "Scheduled work that is on and cannot run, and jobs without a schedule.",
            len(faulty_rows(now=self._now)),
        )
        yield from self._pulse()

    def _backlog(self, day: DailyFigures) -> Iterator[Metric]:
        rows = waiting_on(day.on)
        states: Counter[tuple[str, str]] = Counter()
        for row in rows:
            states[row.state, row.band] += row.count
        text = "Shipments that wait."
        yield _gauges("waiting_shipments", text, ("state", "age"), dict(sorted(states.items())))
        held = sum(row.held_count for row in rows)
        yield _gauge("waiting_held_shipments", "Waiting shipments on hold.", held)
        amounts = {(name,): float(amount) for name, amount in amount_by_currency(rows).items()}
        yield _gauges("waiting_value", "Value of waiting shipments.", ["currency"], amounts)
        since = oldest_since(rows)
        yield _gauge(
            "oldest_waiting_seconds",
            "Age of the oldest shipment that waits.",
            0 if since is None else self._age(since),
        )
        yield _gauge(
            "figures_age_seconds",
            "Age of the figures above and of the exceptions.",
            self._age(day.refreshed_at),
        )

    def _standing(self, day: DailyFigures) -> Iterator[Metric]:
        exceptions = {
            ("payment_hold",): day.payment_hold_count,
            ("unknown_payment",): day.unknown_payment_count,
            ("overdue_supply",): day.overdue_supply_count,
            ("low_item",): day.low_item_count,
        }
        yield _gauges("exceptions", "What a person must look at.", ["kind"], exceptions)
        emails = {("QUEUED",): day.queued_email_count, ("FAILED",): day.failed_email_count}
        yield _gauges("emails", "Customer e-mails.", ["state"], emails)
        yield _gauge("released_today", "Shipments released today.", day.released_count)

    def _runs(self) -> Iterator[Metric]:
        done = ReleaseRun.objects.filter(is_dry_run=False, finished_at__isnull=False)
        run = done.exclude(state=ReleaseRun.State.SKIPPED).order_by("-pk").first()
        if run is None or run.started_at is None or run.finished_at is None:
            return
        states = (ReleaseRun.State.COMPLETED, ReleaseRun.State.FAILED, ReleaseRun.State.CANCELED)
        outcome = {(state.value,): run.state == state for state in states}
        yield _gauges("last_run", "The last release run: 1 at its state.", ["state"], outcome)
        yield _gauge(
            "last_run_seconds",
            "How long the last release run took.",
            (run.finished_at - run.started_at).total_seconds(),
        )
        yield _gauge(
            "last_run_age_seconds",
            "How long ago the last release run ended.",
            self._age(run.finished_at),
        )

    def _pulse(self) -> Iterator[Metric]:
        pulse = read_pulse(now=self._now)
        is_up = pulse is not None and not pulse.is_full
        yield _gauge("broker_up", "Whether the broker takes on work.", is_up)
        if pulse is None:
            return
        yield _gauge("workers", "Workers seen within a minute.", len(pulse.workers))
        yield _gauge(
            "mail_workers", "Workers of e-mails seen within a minute.", len(pulse.mail_workers)
        )
        yield _gauge("queued_tasks", "Tasks not begun.", pulse.queue_length)
        if pulse.beat_at is not None:
            yield _gauge(
                "beat_age_seconds",
                "Time since a beat of the scheduler reached a worker.",
                self._age(pulse.beat_at),
            )

    def _age(self, at: datetime) -> float:
        return max((self._now - at).total_seconds(), 0.0)


def _jobs() -> Iterator[Metric]:
    unfinished = Job.objects.filter(state__in=Job.UNFINISHED_STATES)
    counted = unfinished.values("state").order_by("state").annotate(number=Count("pk"))
    numbers = dict(counted.values_list("state", "number"))
    jobs = {(state.value,): numbers.get(state, 0) for state in Job.UNFINISHED_STATES}
    yield _gauges("jobs", "Background jobs to do.", ["state"], jobs)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"backoffice_{name}", text, value=value)


def _gauges(name: str, text: str, labels: Sequence[str], values: Mapping[Labels, float]) -> Metric:
    """Return a figure that has a value for each combination of labels."""
    gauges = GaugeMetricFamily(f"backoffice_{name}", text, labels=labels)
    for label_values, value in values.items():
        gauges.add_metric(label_values, value)
    return gauges
