"""Actions on future supply, each on a page that shows the affected shipments first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise as LazyText
from django.utils.html import format_html
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.admin import theme
from core.admin.message_links import link_to, with_links
from core.admin.pages import answer
from core.clock import today
from core.formats import labelled, quantity
from inventory.admin.delivery_pages import RECEIVE, delivery_url
from inventory.admin.supply_forms import (
    CancelSupplyForm,
    ChangeSupplyForm,
    ReceiveForm,
    SupplyForm,
    TakeBackForm,
)
from inventory.admin.supply_refusals import REFUSALS
from inventory.admin.supply_words import (
    Plan,
    affected_text,
    facts,
    outcome_in_words,
    promise_rows,
    receipt_in_words,
)
from inventory.models import FutureSupply, Receipt
from inventory.operations import future_supply, receipt_reversals, receipts
from inventory.operations.future_supply import NewSupply
from inventory.operations.receipts import Confirmation
from inventory.operations.whole_units import FractionError
from inventory.promises import PromisePlan, TakeBackPlan

Values = dict[str, Any]


MOST_OTHERS = 100
RECEIPT = "receive"
CHANGE = "inventory.change_futuresupply"
STAY = _("These shipments stay promised.")


def is_open(supply: FutureSupply) -> bool:
    return bool(supply.state == FutureSupply.State.OPEN)


def has_receipt(supply: FutureSupply) -> bool:
    return receipt_reversals.last_receipt(supply.pk) is not None


@dataclass(frozen=True, slots=True)
class SupplyAction:
    """One thing to do: its form, what it would do, how it is done, its result, its records.

    ``permission`` is what a person needs for it.
    """

    name: str
    title: LazyText
    button: LazyText
    result: LazyText
    form: type[SupplyForm]
    preview: Callable[[int, Values], Plan]
    perform: Callable[[int, Values, int], Plan]
    permission: str = CHANGE
    keeps: LazyText = STAY
    is_offered: Callable[[FutureSupply], bool] = is_open
    refusal: type[future_supply.SupplyError] = future_supply.ClosedSupplyError


def _preview_change(pk: int, values: Values) -> PromisePlan:
    return future_supply.preview_changes({pk: _new(values)}, today=today())[pk]


def _change(pk: int, values: Values, actor_id: int) -> PromisePlan:
    return future_supply.change_supply(
        pk, _new(values), Act(timezone.now(), actor_id), shown=values["stored"], today=today()
    )


def _new(values: Values) -> NewSupply:
    return NewSupply(values["quantity"], values["expected_on"])


def _preview_receipt(pk: int, values: Values) -> PromisePlan:
    return receipts.preview_receipt(pk, quantity=values["quantity"], is_last=values["is_last"])


def _receive(pk: int, values: Values, actor_id: int) -> PromisePlan:
    confirmation = Confirmation(
        confirms_over=values.get("confirms_over", False),
        reason=values.get("reason", ""),
        outstanding=values["outstanding"],
        token=values["token"],
    )
    return receipts.receive_supply(
        pk,
        Act(timezone.now(), actor_id),
        quantity=values["quantity"],
        is_last=values["is_last"],
        confirmation=confirmation,
    )


def _preview_take_back(pk: int, values: Values) -> TakeBackPlan:
    return receipt_reversals.preview_take_back(values["receipt"], quantity=values["quantity"])


def _take_back(pk: int, values: Values, actor_id: int) -> TakeBackPlan:
    return receipt_reversals.take_back_receipt(
        values["receipt"],
        Act(timezone.now(), actor_id, values["reason"]),
        quantity=values["quantity"],
        expected=values["expected"],
    )


def _preview_cancel(pk: int, values: Values) -> PromisePlan:
    return future_supply.preview_closes([pk])[pk]


def _cancel(pk: int, values: Values, actor_id: int) -> PromisePlan:
    act = Act(timezone.now(), actor_id)
    shown, outstanding = values["stored"], values["outstanding"]
    return future_supply.cancel_supply(pk, act, shown=shown, outstanding=outstanding)


ACTIONS = (
    SupplyAction(
        "change-supply",
        _("Change quantity or date"),
        _("Change it"),
        _("Saved the quantity and date of %(supply)s."),
        ChangeSupplyForm,
        _preview_change,
        _change,
    ),
    SupplyAction(
        RECEIPT,
        _("Receive"),
        _("Receive"),
        _("Received units of %(supply)s: %(units)s."),
        ReceiveForm,
        _preview_receipt,
        _receive,
        permission=RECEIVE,
    ),
    SupplyAction(
        "take-back",
        _("Take back the last receipt"),
        pgettext_lazy("receipt", "Take back"),
        _("Took back units of %(supply)s: %(units)s."),
        TakeBackForm,
        _preview_take_back,
        _take_back,
        permission=RECEIVE,
        keeps=_("These shipments are promised the incoming units again."),
        is_offered=has_receipt,
        refusal=receipt_reversals.NotLastReceiptError,
    ),
    SupplyAction(
        "cancel",
        _("Cancel this supply"),
        _("Cancel it"),
        _("Canceled the supply of %(supply)s."),
        CancelSupplyForm,
        _preview_cancel,
        _cancel,
    ),
)
SHIPMENTS_CHANGED = _("The affected shipments have changed. Review them again.")
RECEIVED_BEFORE = _("This receipt was booked already. Nothing was booked a second time.")


class SupplyPages(theme.ModelAdmin):
    """Adds a page for each action to the list of future supply."""

    change_form_outer_before_template = "inventory/supply/links.html"

    class Media:
        css = {"all": ["inventory/supply.css"]}

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                f"<int:pk>/{action.name}/",
                self.admin_site.admin_view(self.action_view),
                {"action": action},
                name=url_name(action),
            )
            for action in ACTIONS
        ] + super().get_urls()

    def row_context(self, request: HttpRequest, row: FutureSupply) -> dict[str, Any]:
        links = self.action_links(request, row)
        may_receive = is_open(row) and request.user.has_perm(RECEIVE)
        # One button receives: the record with its delivery, or one that has no reference alone.
        is_delivered = may_receive and bool(row.reference)
        url = delivery_url(reference=row.reference, source=row.source.code)
        return {
            "supply_delivery": url if is_delivered else "",
            "supply_links": [
                link for link in links if not (is_delivered and link["name"] == RECEIPT)
            ],
            "supply_promises": promise_rows(future_supply.promises_of(row.pk)),
            "supply_others": others_of(row),
            "supply_receipts": receipts_of(row),
        }

    def action_links(self, request: HttpRequest, supply: FutureSupply) -> list[dict[str, Any]]:
        """Return what this user may do to the record, if anything."""
        return [
            {
                "name": action.name,
                "title": action.title,
                "url": reverse(f"admin:{url_name(action)}", args=[supply.pk]),
                "is_main": action.name == RECEIPT,
            }
            for action in ACTIONS
            if request.user.has_perm(action.permission) and action.is_offered(supply)
        ]

    def action_view(self, request: HttpRequest, pk: int, action: SupplyAction) -> HttpResponse:
        """Show the form, then the affected shipments, and act once they are confirmed as shown."""
        supply = self.get_object(request, str(pk))
        if supply is None:
            raise Http404
        if not request.user.has_perm(action.permission):
            raise PermissionDenied
        back = reverse("admin:inventory_futuresupply_change", args=[pk])
        if request.method == "POST" and is_booked(request.POST.get("token", "")):
            messages.info(request, RECEIVED_BEFORE)
            return HttpResponseRedirect(back)
        if not action.is_offered(supply):
            messages.error(request, REFUSALS[action.refusal])
            return HttpResponseRedirect(back)
        posted = request.POST if request.method == "POST" else None
        form = action.form(posted, supply=supply)
        plan = None
        if request.method == "POST" and form.is_valid():
            plan = action.preview(pk, form.cleaned_data)
            if request.POST.get("shown") == affected_text(plan):
                self.perform(request, supply, action, {**form.cleaned_data, "expected": plan})
                return HttpResponseRedirect(back)
            if "shown" in request.POST:
                messages.warning(request, SHIPMENTS_CHANGED)
        elif not form.fields:
            plan = action.preview(pk, {})
        shown = plan and {
            "shown": affected_text(plan),
            "broken": promise_rows(plan.broken),
            "kept": promise_rows(plan.kept),
            "is_moved": is_moved(supply, form),
        }
        context = {
            "media": self.media,
            "original": supply,
            "facts": facts(supply),
            "is_overdue": supply.expected_on is not None and supply.expected_on < today(),
            "action": action,
            "form": form,
            "plan": shown,
            "back": back,
        }
        title = labelled(action.title, supply)
        return answer(self, request, "inventory/supply/action.html", title, context)

    def perform(
        self, request: HttpRequest, supply: FutureSupply, action: SupplyAction, values: Values
    ) -> None:
        """Do it, and say what came of it."""
        try:
            plan = action.perform(supply.pk, values, request.user.pk or 0)
        except receipts.AlreadyReceivedError:
            messages.info(request, RECEIVED_BEFORE)
        except future_supply.SupplyError as error:
            if type(error) not in REFUSALS:
                raise
            messages.error(request, REFUSALS[type(error)])
        except FractionError as error:
            messages.error(request, str(error))
        else:
            name = gettext("%(sku)s at %(source)s")
            label = name % {"sku": supply.product.sku, "source": supply.source.code}
            shown = {"supply": link_to(supply, label), "units": quantity(values.get("quantity"))}
            done = with_links(str(action.result), **shown)
            supply.refresh_from_db()
            messages.success(request, format_html("{} {}", done, outcome_in_words(supply, plan)))


def others_of(supply: FutureSupply) -> list[FutureSupply]:
    """Return the other records of its reference, by SKU; at most 100."""
    if not supply.reference:
        return []
    records = FutureSupply.objects.filter(reference=supply.reference).exclude(pk=supply.pk)
    named = records.select_related("product", "source").order_by("product__sku", "pk")
    return list(named[:MOST_OTHERS])


def receipts_of(supply: FutureSupply) -> list[dict[str, Any]]:
    """Return what was received on the record, the newest first."""
    found = Receipt.objects.filter(future_supply=supply.pk).order_by("-pk")
    rows = found.select_related("received_by").prefetch_related("reversals__made_by")
    return list(map(receipt_in_words, rows))


def is_booked(token: str) -> bool:
    """Return whether the page with this token was confirmed before."""
    try:
        return Receipt.objects.filter(token=UUID(token)).exists()
    except ValueError:
        return False


def is_moved(supply: FutureSupply, form: SupplyForm) -> bool:
    """Return whether the date changes; then the customers get a notice."""
    values = getattr(form, "cleaned_data", {})
    return "expected_on" in values and values["expected_on"] != supply.expected_on


def url_name(action: SupplyAction) -> str:
    return f"inventory_futuresupply_{action.name.replace('-', '_')}"
