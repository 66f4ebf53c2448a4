"""Celery's way into fulfillment: read the clock, make one call, log the result."""

from celery import shared_task
from celery.utils.log import get_task_logger
from django.conf import settings
from django.utils import timezone

from core import sessions, workers
from core.acts import Act
from core.clock import site_zone, today
from core.database_faults import TRIED_AGAIN
from core.operations import jobs
from core.operations.mail import send_due
from fulfillment.models import DemandDigest, ReleaseRun, RuleEmail, RuleRun
from fulfillment.operations.delays.silence import act_on_delays
from fulfillment.operations.payments import secure_payments
from fulfillment.operations.shipments.arrivals import RELEASE_ARRIVALS
from fulfillment.operations.upkeep.demand_digests import queue_demand_digests
from fulfillment.operations.upkeep.figures import refresh_figures
from fulfillment.operations.upkeep.old_decisions import delete_old_decisions
from fulfillment.operations.upkeep.pickups import follow_pickups
from fulfillment.release.runs import arrivals, dispatch, engine
from fulfillment.waiting_rules.rule_runs import request_rule_run

logger = get_task_logger(__name__)


@shared_task(name="fulfillment.release_backorders", acks_late=True)
def release_backorders() -> None:
    """Release what supply covers, as scheduled; safe to deliver twice, and twice at once."""
    run = engine.run_release(
        act=Act(timezone.now()), zone=site_zone(), trigger=ReleaseRun.Trigger.SCHEDULE
    )
    logger.info(
        "Release run %d (%s) %s: %d released, %d waiting",
        run.pk,
        run.trigger,
        run.state,
        run.released_count,
        run.waiting_count,
    )


@shared_task(name="fulfillment.renew_dates", acks_late=True, **TRIED_AGAIN)
def renew_dates() -> None:
    """Count and replace the expected dates that passed; safe to deliver twice, and at once."""
    count = engine.renew_dates(now=timezone.now(), zone=site_zone())
    if count is None:
        logger.warning("Expected dates are left to the next release run: another goes on")
    else:
        logger.info("Replaced %d expected dates that passed", count)


@shared_task(name="fulfillment.act_on_delays", acks_late=True, **TRIED_AGAIN)
def act_on_late_units() -> None:
    """Ask or inform about late units, and act on silence; safe to deliver twice, and at once."""
    counts = act_on_delays(now=timezone.now())
    logger.info(
        "Asked about %d delays, informed of %d, acted on %d without an answer",
        counts.asked,
        counts.informed,
        counts.acted_on,
    )


@shared_task(name="fulfillment.run_rules", acks_late=True, **TRIED_AGAIN)
def run_rules() -> None:
    """Have a worker run the rules for waiting shipments; safe to deliver twice, and at once."""
    request_rule_run(Act(timezone.now()), trigger=RuleRun.Trigger.SCHEDULE)
    logger.info("A run of the rules is queued")


@shared_task(name="fulfillment.send_rule_emails", acks_late=True)
def send_rule_emails() -> None:
    """Send the e-mails of rules to staff that are due."""
    sent = send_due(RuleEmail, now=timezone.now(), connections=settings.EMAIL_CONNECTIONS)
    if sent:
        logger.info("Sent %d e-mails of rules", sent)


@shared_task(name=dispatch.PERFORM_RUN, acks_late=True)
def perform_run(*, run_id: int) -> None:
    """Perform a run that somebody asked for; the first of many deliveries does the work."""
    run = engine.perform_run(run_id=run_id, now=timezone.now(), zone=site_zone())
    logger.info("Release run %d %s: %d released", run.pk, run.state, run.released_count)


@shared_task(name="fulfillment.resume_work")
def resume_work() -> None:
    """Have workers take up all that was asked for and forgotten, and all whose worker died.

    A worker that shows no life is ended first: what it locked is free then.
    """
    ended = sessions.end_silent()
    if ended:
        logger.warning("Ended the database sessions of silent workers: %s", ", ".join(ended))
    dispatch.resume(now=timezone.now())
    resumed = jobs.resume_stale()
    if resumed:
        logger.warning("Took up again the jobs %s", resumed)


@shared_task(name=RELEASE_ARRIVALS, acks_late=True)
def release_arrivals() -> None:
    """Release after units became available; the first of many deliveries does the work."""
    run = arrivals.release_arrivals(now=timezone.now(), zone=site_zone())
    if run is not None:
        logger.info("Arrival run %d %s: %d released", run.pk, run.state, run.released_count)


@shared_task(name="fulfillment.heartbeat")
def heartbeat() -> None:
    """Show that scheduler, broker and a worker do their work together."""
    workers.note_beat()


@shared_task(name="fulfillment.refresh_figures", acks_late=True)
def refresh() -> None:
    """Count what the dashboard and the metrics show."""
    refresh_figures(now=timezone.now(), zone=site_zone())


@shared_task(name="fulfillment.delete_old_decisions", acks_late=True, **TRIED_AGAIN)
def delete_old() -> None:
    """Delete the decisions of release runs that are past their keeping."""
    deleted = delete_old_decisions(now=timezone.now(), days=settings.RUN_RETENTION_DAYS)
    logger.info("Deleted %d decisions of old release runs", deleted)


@shared_task(name="fulfillment.secure_payments", acks_late=True)
def secure() -> None:
    """Hold shipments without valid payment, and authorize payments of released ones again."""
    seen_to = secure_payments(now=timezone.now())
    if seen_to:
        logger.info("Saw to the authorizations of %d orders", seen_to)


@shared_task(name="fulfillment.follow_pickups", acks_late=True)
def follow() -> None:
    """Set ready pickups aside where no staff do, and remind customers to collect."""
    count = follow_pickups(now=timezone.now())
    if count:
        logger.info("Set aside, or reminded of, %d shipments for pickup", count)


@shared_task(name="fulfillment.queue_demand_digests", acks_late=True, **TRIED_AGAIN)
def queue_digests_of_demand() -> None:
    """Write the week's digests of demand; a second time on a day changes nothing."""
    count = queue_demand_digests(today=today(), now=timezone.now(), zone=site_zone())
    logger.info("Demand: %d digests today", count)


@shared_task(name="fulfillment.send_demand_digests", acks_late=True)
def send_demand_digests() -> None:
    """Send the digests of demand that are due."""
    sent = send_due(
        DemandDigest,
        now=timezone.now(),
        write=DemandDigest.with_links,
        connections=settings.EMAIL_CONNECTIONS,
    )
    if sent:
        logger.info("Sent %d digests of demand", sent)
