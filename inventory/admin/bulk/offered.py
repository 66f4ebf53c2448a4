"""Which bulk actions each list offers, and who may take them."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inventory.admin.bulk import forms
from inventory.admin.bulk.option_forms import ItemOptionForm, ProductOptionForm
from inventory.models import BulkChange

Action = BulkChange.Action


@dataclass(frozen=True, slots=True)
class Offered:
    """One action as a list offers it; ``slug`` names it in addresses."""

    slug: str
    action: str
    label: str | Promise
    form: type[forms.BulkForm]
    permission: str


ADD, CHANGE, DELETE = (f"inventory.{verb}_sourceitem" for verb in ("add", "change", "delete"))
PRODUCT = "inventory.change_product"

ON_PRODUCTS = (
    Offered("assign", Action.ASSIGN, _("Assign sources"), forms.AssignForm, ADD),
    Offered("unassign", Action.UNASSIGN, _("Unassign sources"), forms.UnassignForm, DELETE),
    Offered("transfer", Action.TRANSFER, _("Transfer between sources"), forms.TransferForm, CHANGE),
    Offered("status", Action.STATUS, _("Set status at sources"), forms.StatusForm, CHANGE),
    Offered(
        "option", Action.PRODUCT_OPTION, _("Set or clear an option"), ProductOptionForm, PRODUCT
    ),
)
ON_ITEMS = (
    Offered("unassign", Action.UNASSIGN, _("Unassign"), forms.UnassignItemsForm, DELETE),
    Offered(
        "transfer", Action.TRANSFER, _("Transfer to a source"), forms.TransferItemsForm, CHANGE
    ),
    Offered("status", Action.STATUS, _("Set status"), forms.ItemStatusForm, CHANGE),
    Offered("option", Action.ITEM_OPTION, _("Set or clear an option"), ItemOptionForm, CHANGE),
)


def offered_to(request: HttpRequest, actions: tuple[Offered, ...]) -> list[Offered]:
    """Return those of ``actions`` that this person may take."""
    return [action for action in actions if request.user.has_perm(action.permission)]
