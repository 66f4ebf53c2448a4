"""The admin's site, on the theme, with a menu of its own."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from config import limit_gate
from config.limit_words import limits_line
from config.log_in import kept_forms
from config.log_in.new_password import after_new_password
from config.log_in.own_password import OwnPasswordForm
from config.log_in.page import LogInPage
from config.log_in.password_limit import say_when
from config.version import VERSION
from core.kept_form import INPUT_NAME, KeptForm

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Site(UnfoldAdminSite):
    index_title = _("Dashboard")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return all models by application, listed once something reads them: no page does."""
        listed = partial(super().get_app_list, request, app_label)
        return cast("list[Any]", SimpleLazyObject(listed))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page has to show; the user menu names the version."""
        own = {"product_version": VERSION, "limits_line": limits_line()}
        return {**super().each_context(request), **own}

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002
        """Return the view for those who may enter; what others posted is kept until they may."""

        @wraps(view)
        def within_limits(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            limit_gate.refuse_outside(request)
            return view(request, *args, **kwargs)

        checked = super().admin_view(cast("View", within_limits), cacheable)

        @wraps(checked)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            kept = KeptForm.of(request) if request.user.is_anonymous else None
            # Codes of second factors are not sent back to a browser.
            never = (reverse("admin:logout"), reverse("mfa_index"))
            if kept is not None and not request.path.startswith(never):
                return kept_forms.again(self, request, kept)
            return checked(request, *args, **kwargs)

        return cast("View", keeping)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Change a person's own password; all other sessions end with the former one."""
        page = PasswordChangeView.as_view(
            form_class=OwnPasswordForm,
            success_url=reverse("admin:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        answer = cast("TemplateResponse", page(request))
        if request.method == "POST" and answer.status_code == 200:
            say_when(answer, (answer.context_data or {})["form"])
        if request.method == "POST" and answer.status_code == 302:
            after_new_password(request, int(str(request.user.pk)))
        return answer

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Log a person in; who entered something before gets it back."""
        if request.method == "GET" and self.has_permission(request):
            # What waited for the second step of the log-in.
            waited = KeptForm.read(request.session.pop(INPUT_NAME, ""))
            if waited is not None:
                return kept_forms.kept_page(self, request, waited)
            return HttpResponseRedirect(reverse("admin:index"))
        text = request.POST.get(INPUT_NAME, "") if request.method == "POST" else ""
        kept = KeptForm.read(text)
        if request.method == "POST":
            # What waits for another's second step is not shown to this person.
            request.session.pop(INPUT_NAME, None)
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "app_path": request.get_full_path(),
            "offers_password_reset": settings.OFFERS_PASSWORD_RESET,
            "offers_company_log_in": bool(settings.OIDC_ISSUER),
            "company_name": settings.OIDC_NAME,
            **({} if kept is None else {INPUT_NAME: text}),
        }
        if REDIRECT_FIELD_NAME not in {*request.GET, *request.POST}:
            context[REDIRECT_FIELD_NAME] = reverse("admin:index")
        page = LogInPage.as_view(
            template_name="admin/login.html",
            extra_context={**context, **(extra_context or {})},
        )
        answer = page(request)
        if kept is not None and self.has_permission(request):
            shown = kept_forms.kept_page(self, request, kept)
            shown.cookies.update(answer.cookies)
            return shown
        if kept is not None and answer.status_code == 302:
            request.session[INPUT_NAME] = text
        return cast("HttpResponse", answer)
