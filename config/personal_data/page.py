"""The page on which a person is looked up, their data exported or erased."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from config.personal_data.copy_of_data import copy_of_data
from config.personal_data.erasure import StillOpenError, erase_person
from config.personal_data.people import count_held, find_people, known_person, open_orders
from core.callers import caller_of
from core.formats import labelled, whole
from core.models import SecurityEvent
from core.operations.security_events import record
from core.operations.texts_of_a_person import SHORTEST_WORD, is_long_enough
from orders.models import Order

PERMISSION = "core.manage_personaldata"
TEMPLATE = "config/personal_data.html"
REASONS = {
    "units": _("It is not complete, canceled or closed."),
    "payment": _("A payment or refund is not settled."),
    "change": _("A change waits for its payment."),
    "return": _("A return waits for its refund."),
    "request": _("The customer has not answered a delay request."),
    "undo": _("Shipping can still be undone."),
}


class LookUpForm(forms.Form):
    """What a person is looked up by."""

    sought = forms.CharField(
        label=_("E-mail, name, order number or words of a note"),
        min_length=SHORTEST_WORD,
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )


class ErasureForm(forms.Form):
    """One person, and further words that name them."""

    email = forms.CharField(max_length=254, widget=forms.HiddenInput)
    further = forms.CharField(
        label=_("Further words that name the person, one on each line"),
        help_text=_(
            "A phone number, a former address, another spelling. They are erased wherever they "
            "stand as whole words, also in texts about others."
        ),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )

    def clean_further(self) -> list[str]:
        """Return the words; too short ones would stand in other texts by chance."""
        lines = [line.strip() for line in self.cleaned_data["further"].splitlines()]
        words = [line for line in lines if line]
        if not all(map(is_long_enough, words)):
            raise forms.ValidationError(
                gettext("Each line needs at least %(count)s letters or digits.")
                % {"count": whole(SHORTEST_WORD)}
            )
        return words


@never_cache
def personal_data(request: HttpRequest) -> HttpResponseBase:
    """Ask for a person; show what is held, export it, or erase it once that is confirmed.

    What is asked for is posted: an address would stand in logs.

    :raises PermissionDenied: for who lacks the permission, which no role has.
    """
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if "email" in request.POST:
        return _of_person(request)
    form = LookUpForm(request.POST or None)
    people = find_people(form.cleaned_data["sought"]) if form.is_valid() else None
    return _page(request, {"form": form, "people": people})


def _of_person(request: HttpRequest) -> HttpResponseBase:
    form = ErasureForm(request.POST)
    if not form.is_valid():
        return _page(request, {"person_form": form, "email": request.POST["email"]})
    email, further = form.cleaned_data["email"], form.cleaned_data["further"]
    step = request.POST.get("step", "show")
    if step == "export":
        return _export(request, email, further)
    if step == "erase" and request.POST.get("confirmed"):
        return _erase(request, email, further)
    return _show(request, form, has_to_confirm=step == "erase")


def _show(request: HttpRequest, form: ErasureForm, *, has_to_confirm: bool) -> HttpResponse:
    email = form.cleaned_data["email"]
    person = known_person(email, further=form.cleaned_data["further"])
    _record(request, SecurityEvent.Kind.LOOKED_UP, person.orders)
    refused = open_orders(person.orders, now=timezone.now())
    if has_to_confirm:
        form.add_error(None, gettext("Confirm that the data are to be erased."))
    rows = [
        (capfirst(str(apps.get_model(label)._meta.verbose_name_plural)), whole(count))
        for label, count in sorted(count_held(person).items())
    ]
    context = {
        "person_form": form,
        "email": email,
        "orders": person.orders,
        "rows": rows,
        "refused": [(order, REASONS[reason]) for order, reason in refused],
    }
    return _page(request, context)


def _export(request: HttpRequest, email: str, further: list[str]) -> HttpResponse:
    person = known_person(email, further=further)
    content = copy_of_data(person)
    _record(request, SecurityEvent.Kind.EXPORTED, person.orders)
    headers = {"Content-Disposition": 'attachment; filename="personal-data.zip"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def _erase(request: HttpRequest, email: str, words: list[str]) -> HttpResponse:
    try:
        counts = erase_person(caller_of(request), email, words)
    except StillOpenError as error:
        for order, reason in error.orders:
            messages.error(request, labelled(order.number, REASONS[reason]))
        return HttpResponseRedirect(reverse("admin:personal_data"))
    count = sum(counts.values())
    sentence = ngettext(
        "Erased the person from %(count)s row.", "Erased the person from %(count)s rows.", count
    )
    messages.success(request, sentence % {"count": whole(count)})
    return HttpResponseRedirect(reverse("admin:personal_data"))


def _record(request: HttpRequest, kind: SecurityEvent.Kind, orders: list[Order]) -> None:
    """Write whose data were read, by the numbers of orders, which stay when they are erased."""
    record(caller_of(request), kind, name=", ".join(order.number for order in orders))


def _page(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    frame = {**admin.site.each_context(request), "title": _("Personal data"), "opts": None}
    return TemplateResponse(request, TEMPLATE, frame | context)
