"""The list of security events."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.admin.lists import RangeDateFilter
from core.admin.pages import AdminPage, csv_file
from core.admin.row_choice import RowFilter
from core.admin.theme import (
    ChoicesDropdownFilter,
    InfinitePaginator,
    LogAdmin,
    TextFilter,
    choice_column,
    display,
    whole_column,
)
from core.clock import today
from core.formats import EMPTY, series
from core.models import SecurityEvent
from inventory.files.cells import Value, lines

NAME = "core_securityevent"
COLORS = {
    **dict.fromkeys(
        ("LOG_IN_FAILED", "CODE_FAILED", "LOCKED", "KEY_REFUSED", "REFUSED"), "warning"
    ),
    **dict.fromkeys(("LOOKED_UP", "EXPORTED", "ERASED"), "info"),
}
COLUMNS = ("time", "event", "account", "done_by", "address", "about", "times", "last_time")
# What the details of an event are called.
DETAILS = {
    "fields": _("Changed: %(names)s"),
    "given": _("Given: %(names)s"),
    "taken": _("Taken away: %(names)s"),
    "scope": _("Locked: %(names)s"),
    "count": _("Number: %(names)s"),
    "done": _("Schedule: %(names)s"),
    "cause": _("Cause: %(names)s"),
    "limits": _("Limited to: %(names)s"),
}
WORDS = {
    "ACCOUNT": _("the account, on devices that it was not used on before"),
    "DEVICE": _("one device of the account"),
    "SECOND_FACTOR": _("the second factor of the account"),
    "ADDRESS": _("the network address"),
    "age": _("The session lasted as long as one may."),
    "not completed": _("The log-in at the company was not completed."),
    "too late": _("The log-in at the company began too long ago, or in another browser."),
    "too many": _("Too many log-ins at the company were begun from one network."),
    "provider": _("The company's log-in gave no answer that can be trusted."),
    "no account": _("Nobody has the e-mail address from the company's log-in."),
    "unverified": _("The company's log-in has verified no e-mail address."),
    "several": _("Several accounts have the e-mail address from the company's log-in."),
    "other person": _("The account belongs to another person at the company's log-in."),
    "name": _("The username from the company's log-in is taken, or cannot be one."),
    "closed": _("The account may not open the back office."),
    "Added.": _("Added."),
    "Changed.": _("Changed."),
    "Deleted.": _("Deleted."),
    "Restored.": _("Restored."),
    "Paused.": _("Paused."),
    "Resumed.": _("Resumed."),
    "all": pgettext_lazy("sources", "all"),
}


class AddressFilter(TextFilter):
    """Events from exactly one network address."""

    title = _("network address")
    parameter_name = "address"

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[SecurityEvent]
    ) -> QuerySet[SecurityEvent]:
        typed = (self.value() or "").strip()
        if not typed:
            return queryset
        try:
            return queryset.filter(address=str(ip_address(typed)))
        except ValueError:
            said = gettext("“%(typed)s” is no network address. The filter was left out.")
            messages.warning(request, said % {"typed": typed[:40]})
            return queryset


def export(page: Any, request: HttpRequest) -> StreamingHttpResponse:
    """Answer with the events of the list as it is filtered, as a CSV file."""
    if not page.has_view_permission(request):
        raise PermissionDenied
    chosen = page.get_changelist_instance(request).get_queryset(request)
    return csv_file(lines(COLUMNS, _rows(chosen)), f"security-events-{today():%Y-%m-%d}.csv")


def _rows(events: QuerySet[SecurityEvent]) -> Iterator[tuple[Value, ...]]:
    """Yield the cells of events, some thousands read at a time; codes stay codes."""
    for event in events.iterator(chunk_size=2000):
        yield (
            event.at.isoformat(),
            event.kind,
            _person(event, "person"),
            _person(event, "actor"),
            event.address,
            words_of(event),
            event.count,
            event.last_at.isoformat(),
        )


@admin.register(SecurityEvent)
class SecurityEventAdmin(LogAdmin):
    """What happened around log-ins, rights, API keys and personal data."""

    pages = (AdminPage("export/", export, f"{NAME}_export", "GET"),)
    list_display = ("at", "event", "account", "done_by", "address", "about", "times")
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("person", RowFilter),
        ("actor", RowFilter),
        AddressFilter,
        ("at", RangeDateFilter),
    )
    list_before_template = "inventory/files/links.html"
    search_fields = ("name", "person__username", "actor__username")
    search_help_text = _("A username, or what was tried, changed or refused")
    sortable_by = ("at",)
    ordering = ("-at", "-pk")
    paginator = InfinitePaginator
    fields = ("at", "event", "account", "done_by", "address", "about", "times", "last_at")

    class Media:
        css = {"all": ["inventory/files.css", "inventory/list.css"]}

    event = choice_column("kind", _("event"), COLORS)
    times = whole_column("count", _("times"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SecurityEvent]:
        """Read the users with the events, as a join: of a deleted one the number is left."""
        return super().get_queryset(request).select_related("person", "actor")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        link = {"export_url": reverse(f"admin:{NAME}_export")}
        return super().changelist_view(request, {**link, **(extra_context or {})})

    @display(description=_("account"), ordering="person__username")
    def account(self, event: SecurityEvent) -> str:
        return _person(event, "person") or EMPTY

    @display(description=_("done by"), ordering="actor__username")
    def done_by(self, event: SecurityEvent) -> str:
        return _person(event, "actor") or EMPTY

    @display(description=_("about"))
    def about(self, event: SecurityEvent) -> str:
        return words_of(event) or EMPTY


def words_of(event: SecurityEvent) -> str:
    """Return what an event was about, with its details."""
    said = [event.name] if event.name else []
    for key, value in event.detail.items():
        if key in DETAILS:
            parts = value if isinstance(value, list) else [value]
            names = series(str(WORDS.get(part, part)) for part in parts)
            said.append(str(DETAILS[key]) % {"names": names})
    return " · ".join(said)


def _person(event: SecurityEvent, column: str) -> str:
    """Return a username; the number of a user who was deleted."""
    key = getattr(event, f"{column}_id")
    if key is None:
        return ""
    found = getattr(event, column)
    return f"#{key}" if found is None else str(found.get_username())
