"""The page of a person's own e-mails: each on or off."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.operations.digest_readers import choices_of, choose


def own_emails(request: HttpRequest) -> HttpResponse:
    """Show the e-mails that a person may receive, each on or off; keep what was chosen."""
    user_id = int(str(request.user.pk))
    if request.method == "POST":
        choose(user_id, request.POST.getlist("wanted"))
        address = getattr(request.user, "email", "")
        sentence = gettext("Saved which e-mails %(address)s receives.") % {"address": address}
        messages.success(request, sentence)
        return HttpResponseRedirect(reverse("admin:own_emails"))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Your e-mails"),
        "address": getattr(request.user, "email", ""),
        "digests": [
            {
                "name": digest._meta.label_lower,
                "title": digest._meta.verbose_name_plural,
                "about": digest.ABOUT,
                "is_wanted": is_wanted,
            }
            for digest, is_wanted in choices_of(user_id).items()
        ],
    }
    return TemplateResponse(request, "config/own_emails.html", context)
