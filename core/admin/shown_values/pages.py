"""Change pages that carry what they showed, to compare it under lock when they are saved."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from psycopg.errors import ExclusionViolation, UniqueViolation

from core.admin.bases import AnyPage, InlineModelAdmin
from core.admin.shown_values.form_rows import ShownRows
from core.admin.shown_values.forms import save_changed, shown_form
from core.kept_form import unsaved_sentence
from core.operations.stale_rows import StaleRowsError

# The one hidden input that carries everything that a page showed.
INPUT_NAME = "shown_values"
# What the page's own form showed stands beside its rows, whose prefixes are never empty.
OWN = ""
# The key that a row would have is another one's.
TAKEN = (UniqueViolation, ExclusionViolation)
# Each attempt follows a change that others saved in the moment between comparing and locking.
MOST_ATTEMPTS = 20


class SaveRefusedError(Exception):
    """A save that an operation refuses; its text is said on the page, and nothing is written."""


class ShownPage(AnyPage):
    """A change page on which nothing is undone by saving.

    The row is locked before it is read. Where operations lock its rows in an order of their own
    (``is_locked_by_operation``), they compare once more under lock and raise
    :class:`StaleRowsError`; then the form is looked at again, and says what changed. So it is for
    a key that another person took in the same moment.

    Rule: Nothing is undone by saving.
    """

    is_locked_by_operation = False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        page = super().changeform_view
        if request.method == "POST" and object_id is not None:
            page = self._compared
        has_conflicted = False
        for _attempt in range(MOST_ATTEMPTS - 1):
            try:
                return page(request, object_id, form_url, extra_context)
            except StaleRowsError:
                continue
            except SaveRefusedError as error:
                vars(request)["save_refusal"] = str(error)
            except IntegrityError as error:
                # Somebody wrote the same between the check of the form and its save: checked
                # again, the form says so at the field. What it does not find stays an error.
                if has_conflicted or not isinstance(error.__cause__, TAKEN):
                    raise
                has_conflicted = True
        return page(request, object_id, form_url, extra_context)

    def _compared(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        with transaction.atomic():
            self._lock(request, unquote(object_id or ""))
            return super().changeform_view(request, object_id, *args, **kwargs)

    def _lock(self, request: HttpRequest, object_id: str) -> None:
        if self.is_locked_by_operation or not self.has_change_permission(request):
            return
        try:
            key = self.opts.pk.to_python(object_id)
        except ValidationError:
            return
        rows = self.model._base_manager.filter(pk=key).order_by("pk")
        rows.select_for_update(no_key=True, of=("self",)).values_list("pk").first()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = shown_form(kwargs.get("form", self.form))
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if request.method == "POST":
            form.refusal = unsaved_sentence(request) or getattr(request, "save_refusal", "")
            if change and obj is not None:
                shown = shown_by(request, obj)
                form.shown = {} if shown is None else shown[OWN]
                form.is_shown_unknown = shown is None
        return form

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        values = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "POST" and isinstance(inline, ShownInline) and obj.pk is not None:
            shown = shown_by(request, obj)
            values["shown"] = None if shown is None else shown.get(prefix, {})
        return values

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if row is not None and request.method == "POST":
            # The form wrote what was typed into its row; the page is about the stored one.
            row = self.model._base_manager.filter(pk=row.pk).order_by("pk").first() or row
            context |= {"original": row, "subtitle": str(row)}
        if row is not None:
            context |= self.row_context(request, row)
        if row is not None and self.has_change_permission(request, row):
            formsets = [inline.formset for inline in context["inline_admin_formsets"]]
            rows = {
                formset.prefix: formset.values_now()
                for formset in formsets
                if isinstance(formset, ShownRows)
            }
            shown = {OWN: context["adminform"].form.values_now(), **rows}
            context["shown_values"] = hidden_input(shown, page=_page(row))
        return super().render_change_form(request, context, *args, **kwargs)

    def row_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the page of a stored row shows beside its form."""
        return {}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            save_changed(obj, form.changed_data)
        else:
            super().save_model(request, obj, form, change)


class ShownInline(InlineModelAdmin):
    """Rows on a change page, each compared with what was shown of it."""

    row_key: str | None = None

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["form"] = shown_form(kwargs.get("form", self.form))
        formset: Any = kwargs.get("formset", self.formset)
        kwargs["formset"] = type(formset.__name__, (ShownRows, formset), {"row_key": self.row_key})
        return super().get_formset(request, obj, **kwargs)


def shown_by(request: HttpRequest, row: Any) -> Any:
    """Return what the page of ``row`` showed to who posts it, read once per request."""
    page = _page(row)
    known = getattr(request, "shown_values", None)
    if known is None or known[0] != page:
        known = vars(request)["shown_values"] = (page, read(request, page=page))
    return known[1]


def _page(row: Any) -> str:
    return f"{row._meta.label_lower} {row.pk}"


def sign(shown: Any, *, page: str) -> str:
    """Return what ``page`` showed as one short signed text, to be read by :func:`read`."""
    return signing.dumps(shown, salt=f"{INPUT_NAME} {page}", compress=True)


def read_text(text: str, *, page: str) -> Any:
    """Return what :func:`sign` was given; None for what it did not sign for this page."""
    try:
        return signing.loads(text, salt=f"{INPUT_NAME} {page}")
    except signing.BadSignature:
        return None


def read(request: HttpRequest, *, page: str) -> Any:
    """Return what ``page`` showed when its form was opened, as :func:`sign` was given it.

    None where the form does not say so, or where it was not this page that signed it.
    """
    return read_text(request.POST.get(INPUT_NAME, ""), page=page)


def hidden_input(shown: Any, *, page: str) -> SafeString:
    """Return the input that carries what ``page`` shows."""
    return format_html(
        '<input type="hidden" name="{}" value="{}">', INPUT_NAME, sign(shown, page=page)
    )
