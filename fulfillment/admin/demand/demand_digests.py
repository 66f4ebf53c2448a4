"""The list of the weekly e-mails about demand."""

from django.contrib import admin

from core.admin.lists import RangeDateFilter
from core.admin.queued_emails import QueuedEmailAdmin
from core.admin.theme import ChoicesDropdownFilter
from fulfillment.models import DemandDigest


@admin.register(DemandDigest)
class DemandDigestAdmin(QueuedEmailAdmin):
    """The e-mails that list what is wanted."""

    resend_permission = "fulfillment.change_demanddigest"

    list_display = ("day", "recipient", "subject", "state_label", "sent_at")
    list_filter = (("state", ChoicesDropdownFilter), ("day", RangeDateFilter))
    search_fields = ("recipient", "subject")
    ordering = ("-day", "-pk")
