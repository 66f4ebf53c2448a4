"""Options on pages that may only be read: the value in force, with where it comes from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from django.utils.translation import gettext, gettext_lazy

from core.admin.bases import BaseModelAdmin, InlineModelAdmin
from inventory.admin.option_fields import ORIGINS, in_words
from inventory.models import InventoryConfiguration, Product, SourceItem
from inventory.options import BY_NAME
from inventory.resolution import ResolvedValue, Values, resolve


@dataclass(frozen=True)
class OptionInForce:
    """An option as a column to read; equal for the same option, as the admin compares columns."""

    name: str
    site: Values = field(compare=False)

    def __call__(self, row: Product | SourceItem | InventoryConfiguration) -> str:
        resolved = self.resolved(row)
        words = in_words(BY_NAME[self.name], resolved.value)
        return gettext("%(value)s (%(origin)s)") % {
            "value": words,
            "origin": ORIGINS[resolved.origin],
        }

    def resolved(self, row: Product | SourceItem | InventoryConfiguration) -> ResolvedValue:
        """Return the value in force at ``row``, and its origin."""
        match row:
            case SourceItem():
                levels = {"product": row.product.overrides(), "source_item": row.overrides()}
            case Product():
                levels = {"product": row.overrides()}
            case _:
                levels = {}
        return resolve(self.name, configuration=self.site, **levels)

    @property
    def short_description(self) -> str:
        return str(gettext_lazy(BY_NAME[self.name].label))

    @property
    def __name__(self) -> str:
        return self.name


class OptionsInForce(BaseModelAdmin):
    """A page whose options are shown as they are in force to who may only look."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self._may_change(request, obj):
            return fieldsets
        site = configuration_of(request)
        return [
            (title, {**described, "fields": [_read(name, site) for name in _names(described)]})
            for title, described in fieldsets
        ]

    def _may_change(self, request: HttpRequest, row: Any) -> bool:
        pages: list[BaseModelAdmin] = [self]
        if hasattr(self, "parent_model"):
            # Rows below a page that may only be read may only be read, too.
            pages.append(self.admin_site._registry[self.parent_model])
        return all(page.has_change_permission(request, row) for page in pages)


class OptionRowsInForce(OptionsInForce, InlineModelAdmin):
    """Rows below such a page; their form has the columns of the model alone."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        names = [name for name in shown if isinstance(name, str)]
        return super().get_formset(request, obj, **{"fields": names, **kwargs})


def configuration_of(request: HttpRequest) -> Values:
    """Return the global values, read once per request."""
    known: Values | None = getattr(request, "inventory_configuration", None)
    if known is None:
        known = vars(request)["inventory_configuration"] = InventoryConfiguration.load().overrides()
    return known


def _names(described: Any) -> list[Any]:
    return flatten_fieldsets([(None, described)])


def _read(name: Any, site: Values) -> str | Callable[[Any], str]:
    return OptionInForce(name, site) if name in BY_NAME else name
