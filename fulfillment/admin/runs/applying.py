"""Applies a dry run as it was shown, or says where the world has moved since."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from fulfillment.admin.reasons import sentences
from fulfillment.models import ReleaseRun
from fulfillment.release.lock import ReleaseBusyError
from fulfillment.release.saved import Children, Drift, DriftError, NotApplicableError, apply_run

SHOWN = 100


def apply_page(admin: ModelAdmin, request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask whether to apply a dry run, and do so."""
    if not request.user.has_perm("fulfillment.add_releaserun"):
        raise PermissionDenied
    run = get_object_or_404(ReleaseRun, pk=run_id)
    if request.method != "POST":
        return _page(admin, request, run)
    try:
        applied = apply_run(
            run_id=run.pk,
            now=timezone.now(),
            zone=ZoneInfo(settings.SITE_TIME_ZONE),
            by_id=request.user.pk,
            accepts_drift="accepts_drift" in request.POST,
        )
    except DriftError as error:
        return _page(admin, request, run, drift=error.drift)
    except ReleaseBusyError:
        messages.error(request, _("Another run is going on. Nothing was applied; try again soon."))
        return _page(admin, request, run)
    except NotApplicableError:
        messages.error(request, _("Only a dry run that has completed can be applied."))
        return redirect("admin:fulfillment_releaserun_change", run.pk)
    messages.success(request, _("Dry run %(run)s was applied as shown.") % {"run": run})
    return redirect("admin:fulfillment_releaserun_change", applied.pk)


def is_applicable(run: ReleaseRun) -> bool:
    """Whether there is something to apply."""
    is_complete = run.state == ReleaseRun.State.COMPLETED
    return run.is_dry_run and is_complete and run.released_count > 0


def _page(
    admin: ModelAdmin, request: HttpRequest, run: ReleaseRun, *, drift: tuple[Drift, ...] = ()
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.admin_site.each_context(request),
        "title": _("Apply dry run %(run)s") % {"run": run},
        "opts": admin.opts,
        "original": run,
        "run": run,
        "is_applicable": is_applicable(run),
        "drift_count": len(drift),
        "drift": [
            {"shipment": row.shipment, "shown": _words(row.shown), "now": _words(row.now)}
            for row in drift[:SHOWN]
        ],
    }
    return TemplateResponse(request, "fulfillment/runs/apply.html", context)


def _words(children: Children) -> list[str]:
    return sentences({"children": children}) or [_("It waits.")]
