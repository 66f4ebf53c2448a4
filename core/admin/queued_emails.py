"""Lists of queued e-mails, with those that did not arrive sent again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.pages import answer
from core.admin.theme import LogAdmin, choice_column
from core.models.queued_email import QueuedEmail
from core.operations.mail import send_again

PAGE_SIZE = 50
STATE_COLORS = {
    "QUEUED": "info",
    "SENDING": "warning",
    "SENT": "success",
    "FAILED": "danger",
    "UNKNOWN": "danger",
    "BOUNCED": "danger",
    "LEFT_OUT": "neutral",
}
# What the page of an e-mail shows above its facts.
IN_LETTER = ("subject", "body", "state", "last_error")


class QueuedEmailAdmin(LogAdmin):
    """E-mails as they were sent; those that failed, or perhaps did, can be sent again.

    A subclass names ``resend_permission``, the permission to do so.
    """

    resend_permission: str
    actions = ["send_again"]
    # Before the form of the page: it has one of its own.
    change_form_outer_before_template = "core/queued_emails/page.html"

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.resend_permission)

    def row_context(self, request: HttpRequest, row: QueuedEmail) -> dict[str, Any]:
        is_offered = row.state in QueuedEmail.TROUBLED
        can_send_again = is_offered and self.has_resend_permission(request)
        return {
            "can_send_again": can_send_again,
            "email": row,
            "state_color": STATE_COLORS[row.state],
        }

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Fold what is not in the letter."""
        facts = [name for name in self.get_fields(request, obj) if name not in IN_LETTER]
        return [(_("Facts"), {"fields": facts, "classes": ["collapse"]})]

    state_label = choice_column("state", _("state"), STATE_COLORS)

    @admin.action(description=_("Send again"), permissions=["resend"])
    def send_again(
        self, request: HttpRequest, queryset: QuerySet[QueuedEmail]
    ) -> HttpResponse | None:
        """Show the selected e-mails that did not arrive; queue them once that is confirmed."""
        troubled = queryset.filter(state__in=QueuedEmail.TROUBLED)
        keys = list(troubled.order_by("pk").values_list("pk", flat=True))
        if not keys:
            self.message_user(
                request,
                gettext(
                    "None of the selected e-mails failed, bounced or has an unknown outcome. "
                    "Nothing was queued."
                ),
                messages.WARNING,
            )
            return None
        if request.POST.get("confirmed"):
            count = send_again(self.model, keys=keys, now=timezone.now())
            sentence = ngettext("%(count)d e-mail queued.", "%(count)d e-mails queued.", count)
            self.message_user(request, sentence % {"count": count}, messages.SUCCESS)
            return None
        context = {
            "emails": Paginator(troubled.order_by("pk"), PAGE_SIZE).get_page(
                request.POST.get("page")
            ),
            "count": len(keys),
            "left_out_count": queryset.count() - len(keys),
            "unknown_count": troubled.filter(state=QueuedEmail.State.UNKNOWN).count(),
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "takes_all": request.POST.get("select_across", "0"),
        }
        title = gettext("Send e-mails again")
        return answer(self, request, "core/queued_emails/send_again.html", title, context)
