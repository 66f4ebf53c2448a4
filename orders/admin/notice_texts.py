"""Texts of e-mails to customers: what is sent in each language, edited with a preview."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.history import HistoryAdmin
from core.admin.pages import AdminPage, answer, found_row
from core.admin.theme import INPUT_CLASS, RecordAdmin, TextInput
from core.letters import blocks_of
from core.text import FaultError
from orders.models import NoticeText, Order, OrderEmail
from orders.notices.example_emails import example_email
from orders.notices.own_texts import (
    TextChangedError,
    check_subject,
    check_text,
    mark_of,
    restore_built_in,
    save_text,
    text_in_use,
)
from orders.notices.placeholders import PLACEHOLDERS
from orders.notices.render import fill
from orders.notices.templates import TemplateFaultError
from orders.notices.texts import TEXTS

CONDITION = "{{% if {0} %}} … {{% else %}} … {{% endif %}}"
CHANGE = "orders.change_noticetext"
VIEW_ORDERS = "orders.view_order"


class NoticeTextForm(forms.Form):
    """Subject and text, as templates; ``order`` is whose e-mail the preview shows."""

    subject = forms.CharField(label=_("Subject"), max_length=200, widget=TextInput)
    text = forms.CharField(
        label=_("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"class": INPUT_CLASS, "rows": 16, "spellcheck": "true"}),
    )
    order = forms.CharField(
        label=_("Order in the preview"),
        required=False,
        max_length=64,
        widget=TextInput,
        help_text=_("Number of an order. If it is empty, the newest order is used."),
    )
    # The text that the page showed, so that nobody overwrites what somebody else wrote meanwhile.
    shown = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, kind: str, language: str, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        may_change = request.user.has_perm(CHANGE)
        for name in ("subject", "text"):
            self.fields[name].disabled = not may_change
            self.fields[name].widget.attrs["lang"] = language
        if not may_change or not request.user.has_perm(VIEW_ORDERS):
            del self.fields["order"]

    def clean_subject(self) -> str:
        return self._checked("subject", check_subject)

    def clean_text(self) -> str:
        return self._checked("text", check_text)

    def clean_order(self) -> Order | None:
        number = self.cleaned_data["order"]
        orders = Order.objects.filter(number=number) if number else Order.objects.order_by("-pk")
        order: Order | None = orders.first()
        if number and order is None:
            raise forms.ValidationError(gettext("There is no order with this number."))
        return order

    def _checked(self, name: str, check: Any) -> str:
        text: str = self.cleaned_data[name].replace("\r\n", "\n")
        try:
            check(self.kind, text)
        except TemplateFaultError as error:
            raise forms.ValidationError(in_words(error)) from error
        return text


def address_of(kind: str, language: str) -> str:
    """Return the address of the page of a text."""
    return reverse("admin:orders_noticetext_edit", args=[code_of(kind, language)])


def code_of(kind: str, language: str) -> str:
    """Return how the address of a text names it."""
    return f"{kind}-{language}"


def title_of(kind: str, language: str) -> str:
    """Return what a text is called: its kind and its language."""
    named = {"kind": OrderEmail.Kind(kind).label, "language": dict(settings.LANGUAGES)[language]}
    return gettext("%(kind)s: %(language)s") % named


def in_words(error: FaultError) -> str:
    """Return a fault in the reader's language."""
    return gettext(error.message) % error.values


def edit_page(admin_page: "NoticeTextAdmin", request: HttpRequest, code: str) -> HttpResponse:
    """Show a text; save what is posted (``step=save``), show how it would look (``preview``), or
    go back to the built-in text (``restore``). ``code`` is its kind and language, with a hyphen.
    """
    kind, _hyphen, language = code.partition("-")
    if kind not in TEXTS or language not in dict(settings.LANGUAGES):
        raise Http404
    own, subject, text = text_in_use(kind, language)
    step = request.POST.get("step")
    preview = None
    if request.method == "POST":
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        form = NoticeTextForm(kind, language, request, request.POST)
        if step == "restore":
            return _restored(request, kind, language)
        if form.is_valid() and step == "preview":
            preview = _preview(form, kind, language, today=timezone.localdate())
        elif form.is_valid() and step == "save" and _is_saved(request, form, kind, language):
            return redirect("admin:orders_noticetext_changelist")
    else:
        initial = {"subject": subject, "text": text, "shown": mark_of(own)}
        form = NoticeTextForm(kind, language, request, initial=initial)
    texts = TEXTS[kind]
    context = {
        "form": form,
        "is_own": own is not None,
        "may_write": request.user.has_perm(CHANGE),
        # Of the row itself, which has no form of its own.
        "has_change_permission": False,
        "address": address_of(kind, language),
        "history": own and reverse("admin:orders_noticetext_history", args=[own.pk]),
        "placeholders": [
            (f"{{{{ {name} }}}}", PLACEHOLDERS[name].label, name in texts.required)
            for name in texts.placeholders
        ],
        "condition": CONDITION.format(texts.placeholders[-1]),
        "preview": preview,
    }
    title = title_of(kind, language)
    return answer(admin_page, request, "orders/notice_text.html", title, context)


def _is_saved(request: HttpRequest, form: NoticeTextForm, kind: str, language: str) -> bool:
    """Save the form, or say on it why it was not saved."""
    filled = form.cleaned_data
    try:
        save_text(
            kind, language, subject=filled["subject"], text=filled["text"], shown=filled["shown"]
        )
    except (TemplateFaultError, TextChangedError) as error:
        form.add_error(None, in_words(error))
        return False
    sentence = gettext("Saved the text “%(title)s”. E-mails have it from now on.")
    messages.success(request, sentence % {"title": title_of(kind, language)})
    return True


def _restored(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    try:
        restore_built_in(kind, language, shown=request.POST.get("shown", ""))
    except TextChangedError as error:
        messages.error(request, in_words(error))
    else:
        sentence = gettext("E-mails have the built-in text “%(title)s” again.")
        messages.success(request, sentence % {"title": title_of(kind, language)})
    return redirect(address_of(kind, language))


def _preview(form: NoticeTextForm, kind: str, language: str, *, today: date) -> Any:
    """Return an e-mail as it would be sent; None where the text cannot be filled."""
    filled = form.cleaned_data
    email = example_email(kind, language, order=filled.get("order"), today=today)
    try:
        with translation.override(language):
            subject, body = fill(email, filled["subject"], filled["text"])
    except TemplateFaultError as error:
        form.add_error("text", in_words(error))
        return None
    return {"subject": subject, "body": body, "blocks": blocks_of(body), "language": language}


@admin.register(NoticeText)
class NoticeTextAdmin(RecordAdmin, HistoryAdmin):
    """One page lists every kind in every language; texts are edited on pages of their own."""

    pages = (AdminPage("text/<str:code>/", edit_page, "orders_noticetext_edit"),)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        own = set(NoticeText.objects.values_list("kind", "language"))
        context = {
            "languages": [str(name) for _code, name in settings.LANGUAGES],
            "kinds": [
                {
                    "label": OrderEmail.Kind(kind).label,
                    "texts": [
                        {
                            "url": reverse(
                                "admin:orders_noticetext_edit", args=[code_of(kind, code)]
                            ),
                            "language": str(name),
                            "is_own": (kind, code) in own,
                        }
                        for code, name in settings.LANGUAGES
                    ],
                }
                for kind in TEXTS
            ],
        }
        title = gettext("E-mail texts")
        return answer(self, request, "orders/notice_texts.html", title, context)

    def record_page(self, request: HttpRequest, key: int) -> HttpResponse:
        row = found_row(self, request, key)
        return edit_page(self, request, code_of(row.kind, row.language))
