"""Delay requests: what customers were asked, with their answers, which staff take too."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin.fields import field_of
from core.admin.labels import drawn_label
from core.admin.lists import OptionFilter, RangeDateFilter
from core.admin.pages import AdminPage, answer
from core.admin.theme import ChoicesDropdownFilter, LogInline, TextInput, choice_column, display
from core.clock import today
from core.formats import EMPTY, day
from fulfillment.delays.terms import DelayAnswer
from fulfillment.models import DelayDecision, DelayRequest
from fulfillment.operations.delays import answers
from fulfillment.operations.delays.answers import DelayAnswerError, open_answers
from fulfillment.queries.delay_requests import (
    delay_requests,
    due_within,
    needs_call,
    not_emailed,
    units_of,
    with_units,
)
from inventory.operations.whole_units import FractionError
from orders.admin.order_log import OrderLogAdmin
from orders.permissions import CANCEL
from orders.placing.errors import in_words
from orders.refusals import OrderChangeError

PERMISSION = "fulfillment.change_delayrequest"
State = DelayRequest.State
STATE_COLORS = {
    "OPEN": "warning",
    "AGREED": "success",
    "AGREED_BY_SILENCE": "success",
    "CANCELED": "danger",
    "CANCELED_BY_SILENCE": "danger",
    "SHIPPED": "success",
}


def _due_within(days: int) -> Any:
    return lambda rows: rows.filter(due_within(days))


class DeadlineFilter(OptionFilter):
    """Open requests by the days left for an answer."""

    title = _("deadline")
    parameter_name = "deadline"
    options = {
        "today": (_("Today or passed"), _due_within(0)),
        "3": (_("Within 3 days"), _due_within(3)),
        "7": (_("Within 7 days"), _due_within(7)),
        "14": (_("Within 14 days"), _due_within(14)),
    }


class StaffWorkFilter(OptionFilter):
    """Open requests that need staff."""

    title = _("needs staff")
    parameter_name = "staff"
    options = {
        "call": (_("Call the customer"), lambda rows: rows.filter(needs_call())),
        "email": (
            _("The e-mail was not sent"),
            lambda rows: rows.filter(not_emailed()),
        ),
        "money": (
            _("The money must be paid back"),
            lambda rows: rows.filter(state=State.OPEN, money_back_by__isnull=False),
        ),
    }


class DecisionInline(LogInline):
    model = DelayDecision
    fields = ("answer", "by", "agreed_on", "note", "actor", "created_at", "letter")
    readonly_fields = ("letter",)
    ordering = ("pk",)
    verbose_name_plural = _("Answers")

    @display(description=_("e-mail"))
    def letter(self, decision: DelayDecision) -> str | SafeString:
        """Fold the text that was answered: it is long, and seldom read."""
        if not decision.text:
            return EMPTY
        words, text = gettext("The e-mail that was answered"), linebreaks(decision.text, True)
        return format_html(
            '<details class="folded-letter"><summary>{}</summary>'
            '<div class="letter">{}</div></details>',
            words,
            SafeString(text),
        )


class AnswerForm(forms.Form):
    """What the customer answered, and how staff were informed."""

    answer = forms.ChoiceField(label=_("Answer of the customer"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("How staff were informed"),
        max_length=500,
        widget=TextInput,
        help_text=_("For example: by phone on 3 May."),
    )
    for_all = forms.BooleanField(
        label=_("The same answer to the other open requests of this order"), required=False
    )
    # The date that the page showed: an answer agrees to that.
    shown_on = forms.DateField(required=False, widget=forms.HiddenInput)
    # The other requests, with the dates that the page showed.
    others = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        request: DelayRequest,
        found: Collection[DelayAnswer],
        others: "Sequence[OtherRequest]",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.answers = [one for one in DelayAnswer if one in found]
        self.other_requests = others
        field_of(self, "answer", forms.ChoiceField).choices = [
            (one.value, _in_words(one, request)) for one in self.answers
        ]
        self.shown: dict[str, Any] = {"shown_on": request.new_on, "others": _as_shown(others)}
        self.initial = {**self.initial, **self.shown}

    def show_anew(self) -> None:
        """Let the page show what is so now, and keep what was typed: it is posted again."""
        shown = {name: value or "" for name, value in self.shown.items()}
        self.data = {name: self.data[name] for name in self.data} | shown

    def clean(self) -> dict[str, Any]:
        """Refuse one answer to all where the others have changed, or one does not take it.

        What is canceled may have another date by now.
        """
        values: dict[str, Any] = super().clean() or {}
        if not values.get("for_all"):
            return values
        given = values.get("answer")
        shown, now = str(values.get("others")), _as_shown(self.other_requests)
        if given == DelayAnswer.CANCEL:
            shown, now = _without_dates(shown), _without_dates(now)
        if shown != now:
            message = gettext("The open requests of this order have changed. Review them again.")
            raise forms.ValidationError(message, "changed")
        if given and any(given not in other.answers for other in self.other_requests):
            message = gettext("Another open request of this order does not take this answer.")
            self.add_error("answer", forms.ValidationError(message, "not_open"))
        return values


@dataclass(frozen=True, slots=True)
class OtherRequest:
    """Another open request of the order of one, with its late units in words."""

    request: DelayRequest
    answers: Collection[DelayAnswer]
    units: Sequence[str]


def _others(row: DelayRequest, request: HttpRequest) -> list[OtherRequest]:
    """Return the other requests of the order of ``row`` to which this person may record answers."""
    rows = delay_requests().filter(order=row.order_id, state=State.OPEN).exclude(pk=row.pk)
    found = [
        OtherRequest(other, _answers_of(other, request), units_of(other))
        for other in rows.order_by("pk")
    ]
    return [other for other in found if other.answers]


def _as_shown(others: Collection[OtherRequest]) -> str:
    return " ".join(f"{one.request.pk}:{one.request.new_on or ''}" for one in others)


def _without_dates(shown: str) -> str:
    return " ".join(one.partition(":")[0] for one in shown.split(" "))


def _answers_of(row: DelayRequest, request: HttpRequest) -> frozenset[DelayAnswer]:
    """Return the answers that this person may record: a cancel asks for its own permission."""
    found = open_answers(row, today=today(), has_units=bool(units_of(row)))
    return found if request.user.has_perm(CANCEL) else found - {DelayAnswer.CANCEL}


def _in_words(given: DelayAnswer, request: DelayRequest) -> str:
    if given is DelayAnswer.WAIT_UNTIL:
        return gettext("Wait until %(day)s") % {"day": day(request.new_on)}
    return str(DelayRequest.Answer(given.value).label)


def answer_page(admin_: "DelayRequestAdmin", request: HttpRequest, pk: int) -> HttpResponse:
    """Take the answer of a customer from staff."""
    row = get_object_or_404(admin_.get_queryset(request), pk=pk)
    others = _others(row, request)
    form = AnswerForm(row, _answers_of(row, request), others, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _take(row, form, request)
        except (OrderChangeError, DelayAnswerError, FractionError) as error:
            form.add_error(None, refusal_in_words(error))
        else:
            messages.success(request, _recorded(row, form))
            return redirect("admin:fulfillment_delayrequest_change", pk)
    if form.is_bound:
        form.show_anew()
    title = gettext("Answer for shipment %(number)s") % {"number": row.shipment.number}
    context = {"request": request, "row": row, "form": form, "units": units_of(row)}
    return answer(admin_, request, "fulfillment/delay_answer.html", title, context)


def _take(row: DelayRequest, form: AnswerForm, request: HttpRequest) -> None:
    values = form.cleaned_data
    others = form.other_requests if values["for_all"] else []
    answers.answer(
        row.order_id,
        {row.pk: values["shown_on"]} | {one.request.pk: one.request.new_on for one in others},
        DelayAnswer(values["answer"]),
        Act(timezone.now(), request.user.pk, values["note"]),
        by=DelayDecision.By.STAFF,
        today=today(),
    )


def _recorded(row: DelayRequest, form: AnswerForm) -> str:
    if not form.cleaned_data["for_all"]:
        told = gettext("Recorded the answer for shipment %(number)s.")
        return told % {"number": row.shipment.number}
    requests = [row, *(other.request for other in form.other_requests)]
    numbers = sorted({request.shipment.number for request in requests})
    told = gettext("Recorded the answer for shipments %(numbers)s.")
    return told % {"numbers": ", ".join(numbers)}


def refusal_in_words(error: Exception) -> str:
    """Return why an answer was not taken."""
    if isinstance(error, OrderChangeError):
        return in_words(error)
    return gettext("The request takes no such answer any more. Open its page to see why.")


@admin.register(DelayRequest)
class DelayRequestAdmin(OrderLogAdmin):
    pages = (
        AdminPage(
            "<int:pk>/answer/",
            answer_page,
            "fulfillment_delayrequest_answer",
            permission=PERMISSION,
        ),
    )
    change_form_before_template = "orders/decision_link.html"
    card_facts = ("state_label", "new_date", "answer_by")
    list_display = (
        "shipment",
        "state_label",
        "new_date",
        "answer_by",
        "silence",
        "asked_at",
        "money_back_by",
        "agreed_on",
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        DeadlineFilter,
        StaffWorkFilter,
        ("answer_by", RangeDateFilter),
        ("agreed_on", RangeDateFilter),
        "is_asked_too_late",
    )
    list_select_related = ("order", "shipment", "email")
    fieldsets = [
        (None, {"fields": ["order", "shipment", "state_badge", "units", "agreed_on", "new_date"]}),
        (
            _("Terms"),
            {
                "fields": [
                    "ordinal",
                    "silence",
                    "answer_by",
                    "is_asked_too_late",
                    "money_back_by",
                    "email",
                    "opened_at",
                    "closed_at",
                ]
            },
        ),
    ]
    readonly_fields = ("units", "new_date", "state_badge")
    inlines = [DecisionInline]

    class Media:
        css = {"all": ["core/letter.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[DelayRequest]:
        rows: QuerySet[DelayRequest] = super().get_queryset(request)
        return with_units(rows)

    def row_context(self, request: HttpRequest, row: DelayRequest) -> dict[str, Any]:
        if not request.user.has_perm(PERMISSION):
            return {}
        if not _answers_of(row, request):
            return {}
        url = reverse("admin:fulfillment_delayrequest_answer", args=[row.pk])
        return {"decision_url": url, "decision_title": _("Record an answer")}

    @display(description=_("new date"), ordering="new_on")
    def new_date(self, row: DelayRequest) -> str:
        return gettext("No date yet") if row.new_on is None else day(row.new_on)

    @display(description=_("asked at"), ordering="email__sent_at")
    def asked_at(self, row: DelayRequest) -> Any:
        return None if row.email is None else row.email.sent_at

    @display(description=_("units"))
    def units(self, row: DelayRequest) -> str | SafeString:
        return format_html("{}", ", ".join(units_of(row))) or "–"

    state_label = choice_column("state", _("state"), STATE_COLORS)

    @display(description=_("state"))
    def state_badge(self, row: DelayRequest) -> SafeString:
        return drawn_label(row.get_state_display(), STATE_COLORS.get(row.state, "neutral"))
