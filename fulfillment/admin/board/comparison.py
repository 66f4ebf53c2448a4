"""Dry runs with different policies, side by side."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.acts import Act
from core.admin.bases import AnyPage
from core.admin.pages import answer
from core.column_limits import row_key
from core.formats import EMPTY, day, money, whole
from fulfillment.admin.reason_groups import reason_groups
from fulfillment.admin.runs.page import is_applicable
from fulfillment.admin.runs.wording import duration
from fulfillment.models import ReleaseRun
from fulfillment.queries.run_outcomes import RunOutcome, reasons_of_runs, run_outcomes
from fulfillment.release.runs import engine
from inventory.admin.option_fields import in_words
from inventory.options import BY_NAME, ReleasePolicy

NAME = "admin:fulfillment_release_comparison"


def compare(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Start a dry run with each policy that was chosen."""
    chosen = [policy for policy in ReleasePolicy if policy in request.POST.getlist("policy")]
    runs = [
        engine.request_run(
            trigger=ReleaseRun.Trigger.STAFF,
            act=Act(timezone.now(), request.user.pk),
            is_dry_run=True,
            policy=policy.value,
        )
        for policy in chosen or ReleasePolicy
    ]
    return redirect(f"{reverse(NAME)}?{urlencode({'run': [run.pk for run in runs]}, doseq=True)}")


def comparison_page(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Show dry runs side by side."""
    return _page(admin, request, "fulfillment/board/comparison.html")


def comparison_part(admin: AnyPage, request: HttpRequest) -> HttpResponse:
    """Answer the part that is renewed."""
    return _page(admin, request, "fulfillment/board/comparison_part.html")


def _page(admin: AnyPage, request: HttpRequest, template: str) -> HttpResponse:
    keys = [key for key in map(row_key, request.GET.getlist("run")) if key is not None]
    runs = list(ReleaseRun.objects.filter(pk__in=keys[:10], is_dry_run=True).order_by("pk"))
    done = [run.pk for run in runs if run.state == ReleaseRun.State.COMPLETED]
    outcomes, reasons = run_outcomes(done), reasons_of_runs(done)
    best = best_of([run for run in runs if run.pk in done], outcomes)
    question = urlencode({"run": [run.pk for run in runs]}, doseq=True)
    context: dict[str, Any] = {
        "columns": [
            {
                **_column(run, outcomes.get(run.pk)),
                "is_best": run in best,
                "reason_groups": reason_groups(
                    reasons.get(run.pk, {}), request.user, _decisions(run)
                ),
            }
            for run in runs
        ],
        "is_nothing": len(done) == len(runs) > 0 and not any(run.released_count for run in runs),
        "is_same": len(done) == len(runs) > 1 and len(best) == len(runs),
        "part_address": f"{reverse(f'{NAME}_part')}?{question}",
        "may_run": request.user.has_perm("fulfillment.add_releaserun"),
        "is_unfinished": not all(run.is_finished for run in runs),
        "opts": None,
    }
    return answer(admin, request, template, _("Policies compared"), context)


def best_of(runs: Sequence[ReleaseRun], outcomes: Mapping[int, RunOutcome]) -> list[ReleaseRun]:
    """Return the runs that release most: shipments first, then what they are worth.

    Several where they come to the same; none where nothing is released.
    """
    ranks = {run.pk: (run.released_count, _worth(outcomes[run.pk])) for run in runs}
    best = max(ranks.values(), default=(0, ()))
    return [run for run in runs if run.released_count and ranks[run.pk] == best]


def _worth(outcome: RunOutcome) -> tuple[Decimal, ...]:
    """Return what is released, to be compared; amounts of several currencies are not."""
    return tuple(outcome.amounts.values()) if len(outcome.amounts) == 1 else ()


def _decisions(run: ReleaseRun) -> Callable[[str], str]:
    """Return where the decisions of a run that name a reason are listed."""
    address = reverse("admin:fulfillment_releaserun_change", args=[run.pk])
    return lambda reason: f"{address}?{urlencode({'reason': reason})}#run-decisions"


def _column(run: ReleaseRun, outcome: RunOutcome | None) -> dict[str, Any]:
    policy = run.settings_in_force.get("release_policy") or run.scope.get("policy")
    facts = {
        pgettext("shipments", "Released"): outcome and whole(run.released_count),
        _("Value released"): outcome and _amounts(outcome),
        pgettext("shipments", "Split"): outcome and whole(run.split_count),
        _("Promised from future supply"): outcome and whole(run.future_count),
        _("Oldest left"): outcome and _age(outcome.oldest_left),
        _("Took"): duration(run),
    }
    return {
        "run": run,
        "address": reverse("admin:fulfillment_releaserun_change", args=[run.pk]),
        "policy": in_words(BY_NAME["release_policy"], policy) if policy else str(run),
        "is_applicable": is_applicable(run),
        "facts": [(label, fact or EMPTY) for label, fact in facts.items()],
    }


def _amounts(outcome: RunOutcome) -> str:
    amounts = [money(amount, currency) for currency, amount in outcome.amounts.items()]
    return ", ".join(amounts) or whole(0)


def _age(since: datetime | None) -> str:
    if since is None:
        return _("none")
    on = timezone.localtime(since).date()
    days = (timezone.localdate() - on).days
    sentence = ngettext("%(days)s day, since %(date)s", "%(days)s days, since %(date)s", days)
    return sentence % {"days": days, "date": day(on)}
