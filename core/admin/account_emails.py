"""The list of the e-mails about accounts."""

from django.contrib import admin

from core.admin.lists import RangeDateFilter
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.theme import ChoicesDropdownFilter
from core.models import AccountEmail


@admin.register(AccountEmail)
class AccountEmailAdmin(QueuedEmailAdmin):
    """The e-mails that inform people of changes to how they log in."""

    resend_permission = "core.change_accountemail"

    list_display = ("created_at", "user", "recipient", "subject", "state_label", "sent_at")
    list_filter = (("state", ChoicesDropdownFilter), ("created_at", RangeDateFilter))
    list_select_related = ("user",)
    search_fields = ("recipient", "subject", "user__username")
    ordering = ("-pk",)
