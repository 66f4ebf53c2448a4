"""Runs of the rules: asked for, performed by a worker, stopped at a limit until confirmed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.clock import Moment, site_zone
from core.models import Job
from core.operations import job_records, jobs
from fulfillment.models import RuleAct, RuleRun, RuleStep, WaitingRule
from fulfillment.queries.people import assignable_people
from fulfillment.release.runs import engine
from fulfillment.release.runs.dispatch import exclusive_run
from fulfillment.rule_terms import RuleActionKind, asks_first
from fulfillment.waiting_rules.rule_actions import RuleWork, act_on
from fulfillment.waiting_rules.rule_digests import queue_digest
from fulfillment.waiting_rules.rule_shipments import matching
from inventory.models import InventoryConfiguration
from orders.payments import gateway_requests

KIND, LABEL = "fulfillment.rules", _("Rule run")
# Shipments that others wait for at once. Each cancel is a transaction of its own.
BATCH, CANCELS = 200, 20
# How long one try waits for the end of a release run, before the page is shown that it lives.
PATIENCE_SECONDS = 5.0

State = RuleStep.State
Kind = RuleActionKind


class NotStoppedError(Exception):
    """The step does not wait for a confirmation, or its rule has changed; nothing was written."""


def request_rule_run(
    act: Act, *, trigger: RuleRun.Trigger, confirms: RuleStep | None = None
) -> RuleRun:
    """Return a run of all rules that are enabled, queued; a worker performs it after the commit."""
    run = RuleRun.objects.create(
        kind=KIND,
        trigger=trigger,
        confirms=confirms,
        started_by_id=act.actor_id,
        created_at=act.at,
    )
    jobs.enqueue_on_commit(run.pk)
    return run


def confirm(run_id: int, act: Act, *, trigger: RuleRun.Trigger) -> list[RuleRun]:
    """Let the rules that stopped in a run act on the shipments that were shown, and no others.

    Returns a queued run for each. Opens the transaction. A rule that was changed, switched off or
    deleted, or that stopped again later, is not confirmed.

    :raises NotStoppedError: if no rule of the run waits for a confirmation; nothing was written.

    Rule: Rules, what a person confirms is what was shown (§23).
    """
    with transaction.atomic():
        stopped = RuleStep.objects.filter(run=run_id, state=State.STOPPED).order_by("pk")
        steps = [step for step in stopped.select_for_update() if current_rule(step) is not None]
        if not steps:
            raise NotStoppedError(str(run_id))
        runs = []
        for step in steps:
            step.state, step.confirmed_at = State.CONFIRMED, act.at
            step.confirmed_by_id = act.actor_id
            step.save(update_fields=["state", "confirmed_at", "confirmed_by"])
            runs.append(request_rule_run(act, trigger=trigger, confirms=step))
    return runs


def current_rule(step: RuleStep) -> WaitingRule | None:
    """Return the rule of a step, if it is enabled and as it was in the step."""
    rules = rules_to_run().filter(pk__in=[step.rule_id], version=step.rule_version)
    return rules.order_by("pk").first()


def named_rules() -> QuerySet[WaitingRule]:
    """Return the rules, in their order, with what their conditions and actions name."""
    named = WaitingRule.objects.select_related("channel", "stock", "source", "product", "assignee")
    return named.order_by("position", "pk")


def rules_to_run() -> QuerySet[WaitingRule]:
    """Return the rules that are enabled, in their order."""
    return named_rules().filter(is_enabled=True)


def perform(job: Job, progress: jobs.Progress) -> dict[str, int]:
    """Perform a run of the rules; safe to start again after its worker died.

    A run of the schedule replaces the expected dates that passed first, so that rules see them
    (§14a). Each rule sees what the earlier ones left. The engine's lock is held for each batch.
    """
    run = RuleRun.objects.select_related("confirms").get(pk=job.pk)
    moment = Moment(job.heartbeat_at or job.created_at, site_zone())
    if run.trigger == RuleRun.Trigger.SCHEDULE:
        while (
            engine.renew_dates(now=moment.now, zone=moment.zone, wait_seconds=PATIENCE_SECONDS)
            is None
        ):
            progress(0)
    for rule in _rules_of(run):
        step = _step(run, rule, moment)
        if step.state == State.OPEN:
            _perform_step(RuleWork(rule, step, moment, run.started_by_id), job, progress)
    steps = list(run.steps.order_by("pk"))
    # The progress of the last rule is that of the run.
    acted = sum(step.acted_count for step in steps)
    job_records.expect(job_id=job.pk, total=acted)
    stopped = sum(step.state == State.STOPPED for step in steps)
    return {"acted": acted, "stopped": stopped}


def _rules_of(run: RuleRun) -> list[WaitingRule]:
    if run.confirms is None:
        return list(rules_to_run())
    rule = current_rule(run.confirms)
    return [] if rule is None else [rule]


def _step(run: RuleRun, rule: WaitingRule, moment: Moment) -> RuleStep:
    """Return the step of a rule in a run: as an earlier attempt left it, or begun now."""
    known = RuleStep.objects.filter(run=run, rule=rule).order_by("pk").first()
    if known is not None:
        return known
    if run.confirms is not None:
        found = run.confirms.shipment_ids
        asks = False
    else:
        found = shipments_of(rule, moment)
        asks = asks_about(rule, len(found), moment)
    with transaction.atomic():
        if run.confirms is None:
            earlier = RuleStep.objects.filter(rule=rule, state=State.STOPPED)
            earlier.update(state=State.LAPSED, shipment_ids=[])
        return RuleStep.objects.create(
            run=run,
            rule=rule,
            name=rule.name,
            action=rule.action,
            rule_version=rule.version,
            state=State.STOPPED if asks else State.OPEN,
            found_count=len(found),
            shipment_ids=found,
        )


def shipments_of(rule: WaitingRule, moment: Moment) -> list[int]:
    """Return the shipments that a rule would act on now, those of one order together.

    A rule that is off and has nobody to assign to yet would act on those of whom it is given.
    """
    if rule.kind is Kind.ASSIGN and not rule.lacks_people and not _may_work(rule):
        return []
    shipments = matching(rule, moment).order_by("order", "pk")
    return list(shipments.values_list("pk", flat=True))


def asks_about(rule: WaitingRule, found_count: int, moment: Moment) -> bool:
    """Whether a rule that finds so many shipments stops before the first, and asks."""
    return asks_first(
        rule.kind,
        acted_count=_acted_today(rule, moment),
        found_count=found_count,
        limit=InventoryConfiguration.load().in_force("rule_limit"),
    )


def _may_work(rule: WaitingRule) -> bool:
    return assignable_people().filter(pk__in=[rule.assignee_id]).exists()


def _acted_today(rule: WaitingRule, moment: Moment) -> int:
    since = datetime.combine(moment.today, time.min, moment.zone)
    return RuleAct.objects.filter(step__rule=rule, created_at__gte=since).count()


def _perform_step(work: RuleWork, job: Job, progress: jobs.Progress) -> None:
    found: Sequence[int] = work.step.shipment_ids
    job_records.expect(job_id=job.pk, total=len(found))
    done = 0
    try:
        for batch in _batches(work, found):
            with _engine_lock(progress, done):
                if current_rule(work.step) is None:
                    _close(work, State.CHANGED)
                    return
                operations = act_on(work, batch)
            gateway_requests.send(operations, now=work.moment.now)
            done += len(batch)
            progress(done)
    except jobs.JobCanceledError:
        _close(work, State.DONE)
        raise
    _close(work, State.DONE)


def _close(work: RuleWork, state: RuleStep.State) -> None:
    """End a step, with its e-mail to staff."""
    with transaction.atomic():
        queue_digest(work)
        RuleStep.objects.filter(pk=work.step.pk).update(state=state, shipment_ids=[])


def _batches(work: RuleWork, found: Sequence[int]) -> Iterator[Sequence[int]]:
    size = CANCELS if work.rule.kind is Kind.CANCEL else BATCH
    for start in range(0, len(found), size):
        yield found[start : start + size]


@contextmanager
def _engine_lock(progress: jobs.Progress, done: int) -> Iterator[None]:
    """Hold the lock of the release engine; while a release run goes on, the job shows that it
    lives, and may be canceled."""
    while True:
        with exclusive_run(wait_seconds=PATIENCE_SECONDS) as is_held:
            if is_held:
                yield
                return
        progress(done)
