"""Deletions that are asked about first: what they would delete is compared when it is confirmed."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_at_once
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin.shown_values.forms import comparable
from core.admin.shown_values.pages import ShownPage, hidden_input, read

# As many rows that changed meanwhile are named.
NAMED = 20


class ShownDeletion(ShownPage):
    """Deletes rows only while they, and what would go with them, are as the page showed them.

    Rule: Nothing is undone by saving.
    """

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        with transaction.atomic():
            if request.method == "POST":
                self._lock(request, unquote(object_id))
            row = self.get_object(request, unquote(object_id))
            if row is None or not self.has_delete_permission(request, row):
                return super().delete_view(request, object_id, extra_context)
            page, now = f"delete {row._meta.label_lower} {row.pk}", self._rows_now(request, [row])
            if request.method == "POST" and read(request, page=page) != now:
                told = gettext(
                    "“%(row)s”, or what belongs to it, was changed after the page was opened. "
                    "Nothing was deleted. Review it again."
                )
                self.message_user(request, told % {"row": row}, messages.WARNING)
                return HttpResponseRedirect(request.get_full_path())
            context = {"shown_values": hidden_input(now, page=page), **(extra_context or {})}
            return super().delete_view(request, object_id, context)

    def _rows_now(self, request: HttpRequest, rows: Any) -> dict[str, Any]:
        """Return what stands in each row, by key, with all that would be deleted along."""
        found = {}
        for row in rows:
            form = self.get_form(request, row, change=True)(instance=row)
            along = self.get_deleted_objects([row], request)[0]
            found[str(row.pk)] = [form.values_now(), comparable(_flat(along))]
        return found


@admin.action(description=_("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
def delete_selected(
    page: ShownDeletion, request: HttpRequest, queryset: QuerySet[Any]
) -> HttpResponse | None:
    """Ask about the rows, then delete those that were shown, if they are as they were shown."""
    name = f"delete several {page.opts.label_lower}"
    with transaction.atomic():
        if request.POST.get("post"):
            keys = page.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))
            list(keys.order_by("pk").select_for_update(no_key=True).values_list("pk"))
        now = page._rows_now(request, queryset)
        shown = read(request, page=name)
        if request.POST.get("post") and shown != now:
            _say_changed(page, request, queryset, shown or {}, now)
            posted = request.POST.copy()
            del posted["post"]
            request.POST = posted  # type: ignore[assignment]  # The type of a request as it came.
        answer = delete_at_once(page, request, queryset)
    if answer is not None and answer.context_data is not None:
        answer.context_data["shown_values"] = hidden_input(now, page=name)
    return answer


def _say_changed(
    page: ShownDeletion,
    request: HttpRequest,
    queryset: QuerySet[Any],
    shown: dict[str, Any],
    now: dict[str, Any],
) -> None:
    names = [str(row) for row in queryset if shown.get(str(row.pk)) != now[str(row.pk)]]
    told = ngettext(
        "%(count)s row was changed after the page was opened: %(names)s. Nothing was deleted. "
        "Review it again.",
        "%(count)s rows were changed after the page was opened: %(names)s. Nothing was deleted. "
        "Review them again.",
        len(names),
    ) % {
        "count": len(names),
        "names": ", ".join([*names[:NAMED], *["…"][: len(names) > NAMED]]),
    }
    page.message_user(request, told, messages.WARNING)


def _flat(nested: Any) -> list[str]:
    return [
        text
        for member in nested
        for text in (_flat(member) if isinstance(member, list) else [str(member)])
    ]
