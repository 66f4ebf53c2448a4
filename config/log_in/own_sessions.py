"""The page of a person's own sessions, with the link to the company's log-in."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.log_in.browsers import browser_of, system_of
from config.open_id.company_links import company_link, unlink_company
from core.admin.asked_again import ask_again
from core.callers import caller_of
from core.column_limits import row_key
from core.formats import whole
from core.operations.web_sessions import end_and_record


def own_sessions(request: HttpRequest) -> HttpResponse:
    """Show a person's sessions, the one in use first; end one of them, or all others, or unlink
    the company's log-in."""
    if request.method == "POST":
        return _unlink(request) if "unlink" in request.POST else _end(request)
    current = request.session.session_key
    listed = UserSession.objects.purge_and_list(request.user)
    listed.sort(key=lambda one: (one.session_key != current, -one.last_seen_at.timestamp()))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Your sessions"),
        "sessions": [_entry(one, is_current=one.session_key == current) for one in listed],
        "has_others": len(listed) > 1,
        "link": company_link(int(str(request.user.pk))),
        "company": _company(),
    }
    return TemplateResponse(request, "config/own_sessions.html", context)


def _end(request: HttpRequest) -> HttpResponse:
    ask_again(request)
    user_id, current = int(str(request.user.pk)), str(request.session.session_key)
    # No session has the key 0.
    chosen = row_key(request.POST["session"]) or 0 if "session" in request.POST else None
    count = end_and_record(caller_of(request), user_id, chosen=chosen, except_key=current)
    sentence = ngettext("Ended %(count)s session.", "Ended %(count)s sessions.", count)
    messages.success(request, sentence % {"count": whole(count)})
    return HttpResponseRedirect(reverse("admin:own_sessions"))


def _unlink(request: HttpRequest) -> HttpResponse:
    ask_again(request)
    user_id, current = int(str(request.user.pk)), str(request.session.session_key)
    unlinked, kept = unlink_company(caller_of(request), [user_id], except_key=current)
    if kept:
        messages.error(request, gettext("It is the only way into your account."))
    elif unlinked:
        sentence = gettext("Unlinked your log-in at %(company)s. Your other sessions ended.")
        messages.success(request, sentence % {"company": _company()})
    return HttpResponseRedirect(reverse("admin:own_sessions"))


def _company() -> str:
    return settings.OIDC_NAME or gettext("your company")


def _entry(session: UserSession, *, is_current: bool) -> dict[str, Any]:
    browser, system = browser_of(session.user_agent), system_of(session.user_agent)
    both = gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return {
        "pk": session.pk,
        "device": both if browser and system else browser or system or gettext("Unknown device"),
        "address": session.ip,
        "begun_at": session.created_at,
        "seen_at": session.last_seen_at,
        "is_current": is_current,
    }
