"""The work of operations: health, the last runs, failures, what waits for a worker."""

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import Moment
from core.formats import ago, labelled, whole
from core.formats import moment as written_moment
from core.models import Job
from core.operations.jobs import label_of
from core.workers import read_pulse
from fulfillment.admin.board.page import problems_now
from fulfillment.admin.list_links import ListLinks
from fulfillment.admin.my_work.work_cards import ROWS, WorkCard, WorkRow, card_of, page_of, written
from fulfillment.models import DailyFigures, ReleaseRun, RuleStep
from fulfillment.queries.stopped_rules import stopped_rules

FAILED_WITHIN = timedelta(days=7)


def operations_cards(request: HttpRequest, links: ListLinks, moment: Moment) -> Iterator[WorkCard]:
    """Yield the cards of who keeps runs and workers going."""
    pulse = read_pulse(now=moment.now)
    problems = problems_now(pulse, user=request.user, now=moment.now)
    yield WorkCard(
        _("Health"),
        _("Problems that stop releases"),
        reverse("admin:fulfillment_release_board"),
        written(len(problems)),
        [WorkRow(found.title, found.link, found.remedy) for found in problems[:ROWS]],
    )
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=moment.now - FAILED_WITHIN)
    yield card_of(
        _("Failures"),
        _("Jobs that failed in the last 7 days"),
        links.to("core.job", {"state__exact": Job.State.FAILED}),
        failed.order_by("-finished_at", "-pk"),
        lambda job: _failed(job, moment),
    )
    yield card_of(
        _("Rules that stopped"),
        _("They wait for a confirmation, or their run failed"),
        links.to("fulfillment.rulerun", {"stopped": "yes"}),
        stopped_rules().select_related("run").order_by("-pk"),
        lambda step: _stopped(step, moment),
    )
    yield _queues(links, waiting=None if pulse is None else pulse.queue_length)
    runs = ReleaseRun.objects.order_by("-pk")[:ROWS]
    yield WorkCard(
        _("Last runs"),
        _("The newest release runs"),
        links.to("fulfillment.releaserun", {}),
        rows=[_run(run, moment) for run in runs],
        clear=_("No release run yet."),
    )


def _queues(links: ListLinks, *, waiting: int | None) -> WorkCard:
    """Return what waits: tasks, jobs and e-mails, the last as counted within a minute."""
    figures = DailyFigures.objects.order_by("-on").first()
    jobs = Job.objects.filter(state__in=Job.UNFINISHED_STATES).count()
    emails = 0 if figures is None else figures.queued_email_count
    counts = (
        (_("Tasks that wait for a worker"), waiting or 0, ""),
        (
            _("Jobs queued or in progress"),
            jobs,
            links.to("core.job", {"state__in": ",".join(Job.UNFINISHED_STATES)}),
        ),
        (_("E-mails to send"), emails, links.to("orders.orderemail", {"state__exact": "QUEUED"})),
    )
    rows = [WorkRow(labelled(name, whole(count)), link) for name, count, link in counts if count]
    total = sum(count for _name, count, _link in counts)
    return WorkCard(
        _("Queues"),
        _("Tasks, jobs and e-mails that wait"),
        links.to("core.job", {}),
        written(total),
        rows,
    )


def _failed(job: Job, moment: Moment) -> WorkRow:
    link = reverse("admin:core_job_progress", args=[job.pk])
    return WorkRow(str(label_of(job.kind)), link, ago(job.finished_at, now=moment.now))


def _stopped(step: RuleStep, moment: Moment) -> WorkRow:
    asked = ngettext(
        "Asks about %(count)s shipment", "Asks about %(count)s shipments", step.found_count
    )
    asks = step.state == RuleStep.State.STOPPED
    said = asked % {"count": whole(step.found_count)} if asks else _("Its run failed")
    link = reverse("admin:fulfillment_rulerun_change", args=[step.run_id])
    return WorkRow(step.name, link, f"{said} · {ago(step.run.created_at, now=moment.now)}")


def _run(run: ReleaseRun, moment: Moment) -> WorkRow:
    remark = _("%(state)s · %(released)s released · %(time)s") % {
        "state": run.get_state_display(),
        "released": whole(run.released_count),
        "time": written_moment(run.created_at.astimezone(moment.zone)),
    }
    return WorkRow(_("Run %(run)s") % {"run": run}, page_of(run), remark)
