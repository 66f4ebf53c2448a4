"""Runs of the rules: what each rule did; those that asked are confirmed here."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.jobs import JobLogAdmin, may_cancel, show_result
from core.admin.lists import OptionFilter, RangeDateFilter, yes_or_no
from core.admin.pages import AdminPage, answer
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.theme import ChoicesDropdownFilter, display
from core.formats import whole
from core.models import Job
from fulfillment.models import RuleEmail, RuleRun, RuleStep, Shipment
from fulfillment.queries.stopped_rules import stopped_rules
from fulfillment.waiting_rules.rule_runs import KIND, NotStoppedError, confirm, current_rule

CONFIRM = "fulfillment.add_rulerun"
SHOWN = 200


def run_page(admin_page: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what each rule did in a run, and the shipments that it asks about."""
    run = get_object_or_404(RuleRun.objects.select_related("started_by", "confirms"), pk=run_id)
    steps = [_shown(step) for step in run.steps.select_related("confirmed_by").order_by("pk")]
    context = {
        "run": run,
        "original": run,
        "has_change_permission": False,
        "steps": steps,
        "may_confirm": request.user.has_perm(CONFIRM) and any(one["asks"] for one in steps),
        "may_cancel": may_cancel(request, run) and not run.is_finished,
    }
    title = gettext("Rule run %(run)s") % {"run": run}
    return answer(admin_page, request, "fulfillment/rules/run.html", title, context)


def confirm_page(admin_page: AnyPage, request: HttpRequest, run_id: int) -> HttpResponse:
    """Let the rules that asked act on the shipments that were shown."""
    try:
        runs = confirm(run_id, Act(timezone.now(), request.user.pk), trigger=RuleRun.Trigger.STAFF)
    except NotStoppedError:
        sentence = gettext(
            "No rule of this run waits for a confirmation any more, or it was changed. "
            "Nothing was done."
        )
        messages.error(request, sentence)
        return redirect("admin:fulfillment_rulerun_change", run_id)
    sentence = ngettext(
        "Confirmed %(count)s rule. It acts as soon as a worker is free.",
        "Confirmed %(count)s rules. They act as soon as a worker is free.",
        len(runs),
    )
    messages.success(request, sentence % {"count": whole(len(runs))})
    return redirect("admin:fulfillment_rulerun_change", runs[-1].pk)


def _shown(step: RuleStep) -> dict[str, Any]:
    asks = step.state == RuleStep.State.STOPPED
    shown = Shipment.objects.with_names().filter(pk__in=step.shipment_ids[:SHOWN] if asks else [])
    return {
        "step": step,
        "asks": asks and current_rule(step) is not None,
        "shipments": list(shown.order_by("order", "pk")),
        "more": max(len(step.shipment_ids) - SHOWN, 0) if asks else 0,
    }


class StoppedFilter(OptionFilter):
    title = _("a rule stopped")
    parameter_name = "stopped"
    options = yes_or_no(lambda: Exists(stopped_rules().filter(run=OuterRef("pk"))))


@admin.register(RuleRun)
class RuleRunAdmin(JobLogAdmin):
    pages = (
        AdminPage(
            "<int:run_id>/confirm/", confirm_page, "fulfillment_rulerun_confirm", "POST", CONFIRM
        ),
    )
    list_display = (
        "__str__",
        "state_label",
        "trigger",
        "changed",
        "waiting",
        "created_at",
        "started_by",
    )
    list_filter = (
        StoppedFilter,
        ("state", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        ("created_at", RangeDateFilter),
    )
    list_select_related = ("started_by",)
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RuleRun]:
        runs: QuerySet[RuleRun] = super().get_queryset(request)
        return runs.prefetch_related("steps")

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        return run_page(self, request, key)

    @display(description=_("shipments changed"), is_number=True)
    def changed(self, run: RuleRun) -> str:
        return whole(sum(step.acted_count for step in run.steps.all()))

    @display(description=_("waits for a confirmation"), boolean=True)
    def waiting(self, run: RuleRun) -> bool:
        return any(step.state == RuleStep.State.STOPPED for step in run.steps.all())


@admin.register(RuleEmail)
class RuleEmailAdmin(QueuedEmailAdmin):
    """The e-mails of rules to staff."""

    resend_permission = "fulfillment.change_ruleemail"
    list_display = ("step", "recipient", "subject", "state_label", "sent_at")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("step",)
    search_fields = ("recipient", "subject")
    ordering = ("-pk",)


def _page_of_job(job: Job) -> str:
    return reverse("admin:fulfillment_rulerun_change", args=[job.pk])


def _sentences(job: Job) -> list[str]:
    """Return what a run came to."""
    acted = job.result.get("acted", 0)
    sentence = ngettext(
        "The rules changed %(count)s shipment.", "The rules changed %(count)s shipments.", acted
    )
    found = [sentence % {"count": whole(acted)}]
    if stopped := job.result.get("stopped", 0):
        asking = ngettext(
            "%(count)s rule waits for a confirmation.",
            "%(count)s rules wait for a confirmation.",
            stopped,
        )
        found.append(asking % {"count": whole(stopped)})
    return found


show_result(KIND, _("Show the rule run"), _page_of_job, _sentences)
