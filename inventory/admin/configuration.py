"""Configuration › Inventory: the global value of every option."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin.history import HistoryAdmin
from core.admin.pages import AdminPage
from core.clock import today
from inventory.admin.option_fields import OptionsForm
from inventory.admin.option_rows import option_rows
from inventory.admin.options_in_force import OptionsInForce
from inventory.admin.sentences import tell_what_stays_owed
from inventory.models import InventoryConfiguration
from inventory.models.configuration import GLOBAL_OPTIONS
from inventory.operations import options
from inventory.option_rules import Conflict, conflicts
from inventory.options import Group, Scope
from inventory.queries.buyable import UnbuyableProducts, left_with_nothing
from inventory.queries.overrides import override_counts
from inventory.queries.positions import owed_by_followers
from inventory.resolution import NOTHING, Values

# The box that is selected to save what leaves products with nothing to buy.
CONFIRMATION = "is_confirmed"
GROUPS = {
    Group.STOCK: _("Stock Options"),
    Group.PRODUCT_STOCK: _("Product Stock Options"),
    Group.RELEASE: _("Backorder Release"),
    Group.PROMISES: _("Promises and People"),
    Group.NOTICES: _("E-Mails to Customers"),
}


class ConfigurationForm(OptionsForm):
    """The global values; what leaves products with nothing to buy is saved when confirmed."""

    scope = Scope.GLOBAL
    level = "configuration"

    class Meta:
        model = InventoryConfiguration
        fields = tuple(option.name for option in GLOBAL_OPTIONS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, above={"configuration": NOTHING}, **kwargs)
        self.asks_for_confirmation = False

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors or CONFIRMATION in self.data:
            return cleaned
        found = left_with_nothing(before=self.instance.overrides(), after=self.entered_options())
        if found.count:
            self.asks_for_confirmation = True
            self.add_error(None, left_in_words(found))
        return cleaned

    def conflicts(self, entered: Values) -> list[Conflict]:
        return conflicts(Scope.GLOBAL, configuration=entered)


def left_in_words(found: UnbuyableProducts) -> str:
    """Return how many products a change would leave with nothing to buy, and which."""
    named = {
        "count": found.count,
        "skus": ", ".join(found.skus),
        "more": found.count - len(found.skus),
    }
    if named["more"]:
        return (
            gettext(
                "%(count)s products could no longer be bought: %(skus)s and %(more)s more. "
                "Nothing was saved. Correct the values, or confirm them below."
            )
            % named
        )
    return (
        ngettext(
            "%(count)s product could no longer be bought: %(skus)s. "
            "Nothing was saved. Correct the values, or confirm them below.",
            "%(count)s products could no longer be bought: %(skus)s. "
            "Nothing was saved. Correct the values, or confirm them below.",
            found.count,
        )
        % named
    )


def followers_in_words(*, may_see: bool) -> dict[str, tuple[str, str]]:
    """Return how many products follow each option, and the list of those that do not, by name.

    The list is for those who ``may_see`` products.
    """
    counts = override_counts()
    if not counts.products:
        return {}
    listed = reverse("admin:inventory_product_changelist")
    sentence = gettext("Followed by %(count)s of %(total)s products")
    total = formats.whole(counts.products)
    found = {}
    for name, overriding in counts.overriding.items():
        named = {"count": formats.whole(counts.products - overriding), "total": total}
        address = f"{listed}?overridden={name}" if overriding and may_see else ""
        found[name] = (sentence % named, address)
    return found


def _group(
    group: Group, fieldset: Any, form: Any, notes: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    names = [option.name for option in GLOBAL_OPTIONS if option.group is group]
    rows = option_rows(form, names, notes)
    return {
        "name": group.value.lower().replace("_", "-"),
        "label": GROUPS[group],
        "rows": rows,
        "own_count": sum(row.is_own for row in rows),
        "fieldset": fieldset,
    }


@admin.register(InventoryConfiguration)
class InventoryConfigurationAdmin(OptionsInForce, HistoryAdmin):
    """One row, so the list goes straight to it and nothing adds or deletes."""

    form = ConfigurationForm
    ordering = ("pk",)
    fieldsets = [
        (
            label,
            {"fields": [option.name for option in GLOBAL_OPTIONS if option.group is group]},
        )
        for group, label in GROUPS.items()
    ]
    change_form_before_template = "inventory/configuration_preview.html"

    class Media:
        js = ["inventory/preview.js"]
        css = {"all": ["inventory/preview.css"]}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        notes = followers_in_words(may_see=request.user.has_perm("inventory.view_product"))
        context |= {
            "groups": [
                _group(group, fieldset, context["adminform"].form, notes)
                for group, fieldset in zip(GROUPS, context["adminform"], strict=True)
            ],
            "may_change": self.has_change_permission(request, context["original"]),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer what each option would do if the form were saved as it stands."""
        form = ConfigurationForm(request.POST, instance=InventoryConfiguration.load())
        form.is_valid()
        return JsonResponse({"sentences": form.sentences()})

    pages = (
        AdminPage("preview/", preview_view, "inventory_configuration_preview", "POST", "change"),
    )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except options.LeavesNothingToBuyError as error:
            # Products changed between the check of the form and the save.
            messages.error(request, left_in_words(error.found))
            return redirect(request.path)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = InventoryConfiguration.load()
        return redirect("admin:inventory_inventoryconfiguration_change", row.pk)

    def save_model(
        self, request: HttpRequest, obj: InventoryConfiguration, form: Any, change: bool
    ) -> None:
        options.save_configuration(
            obj, changed=form.changed_data, is_confirmed=CONFIRMATION in request.POST
        )
        if "backorders" in form.changed_data:
            site = InventoryConfiguration.load()
            tell_what_stays_owed(request, owed_by_followers(configuration=site, today=today()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: InventoryConfiguration | None = None
    ) -> bool:
        return False
