"""The links to the company's log-in on the pages of users."""

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from config.open_id.company_links import company_link, unlink_company
from core.admin.bases import AnyPage
from core.callers import caller_of
from core.formats import EMPTY, moment, series, whole


class CompanyLinkPage(AnyPage):
    """Shows since when users are linked, and unlinks them."""

    def has_unlink_permission(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request)

    @admin.action(description=_("Unlink company log-ins"), permissions=["unlink"])
    def unlink_company_log_ins(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Have nobody at the company's log-in be these people any more."""
        # The list may be changed by others than superusers, whose accounts these do not change.
        allowed = queryset if request.user.is_superuser else queryset.filter(is_superuser=False)
        chosen, own = list(allowed.values_list("pk", flat=True)), request.session.session_key
        unlinked, kept = unlink_company(caller_of(request), chosen, except_key=str(own))
        sentence = ngettext(
            "Unlinked the company log-in of %(count)s user, whose other sessions ended.",
            "Unlinked the company log-ins of %(count)s users, whose other sessions ended.",
            len(unlinked),
        )
        if unlinked or not kept:
            level = messages.SUCCESS if unlinked else messages.WARNING
            self.message_user(request, sentence % {"count": whole(len(unlinked))}, level)
        if kept:
            words = gettext("Set a password first for those whose only way in it is: %(names)s.")
            names = series(person.get_username() for person in kept)
            self.message_user(request, words % {"names": names}, messages.WARNING)

    @admin.display(description=_("company log-in"))
    def company_log_in(self, user: User) -> str:
        link = company_link(user.pk)
        if link is None:
            return EMPTY
        return gettext("Linked %(time)s") % {"time": moment(link.date_joined)}
