"""Forms that survive a log-in."""

from django.contrib.admin.sites import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from core.kept_form import INPUT_NAME, SHOWN_AGAIN, KeptForm


def again(site: AdminSite, request: HttpRequest, kept: KeptForm) -> HttpResponse:
    """Answer what was posted after the session ended: ask to log in, and keep it."""
    page = reverse("admin:login")
    request.method = "GET"
    return site.login(
        request,
        {
            "app_path": f"{page}?{urlencode({'next': kept.page or reverse('admin:index')})}",
            "next": kept.page or reverse("admin:index"),
            INPUT_NAME: kept.signed(),
        },
    )


def kept_page(site: AdminSite, request: HttpRequest, kept: KeptForm) -> TemplateResponse:
    """Answer a log-in with what was entered before: to be shown in its form, or sent again."""
    context = {
        **site.each_context(request),
        "title": _("Go on where you were"),
        "kept": kept,
        "is_form": is_form(site, kept.path),
        "shown_again": SHOWN_AGAIN,
        "back": kept.page or reverse("admin:index"),
    }
    return TemplateResponse(request, "core/kept_form.html", context)


def is_form(site: AdminSite, path: str) -> bool:
    """Whether an address is one to add or to change a row, which shows a form that is not saved."""
    try:
        name = resolve(path.partition("?")[0]).url_name
    except Resolver404:
        return False
    stems = [f"{model._meta.app_label}_{model._meta.model_name}" for model in site._registry]
    return name in {f"{stem}_{kind}" for stem in stems for kind in ("add", "change")}
