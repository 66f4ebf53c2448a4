"""Says in words which settings a run followed, and what it was limited to."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.periods import CalendarPeriod
from inventory.admin.option_fields import in_words
from inventory.options import BY_NAME, OptionKind, StockOption


def settings_in_words(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the label and the value, as merchants read them, of each setting in force."""
    return [
        (_(option.label), _value(option, settings[name]))
        for name, option in BY_NAME.items()
        if name in settings
    ]


def scope_in_words(scope: Mapping[str, Any]) -> list[str]:
    """Return what a run was limited to; nothing if it took the whole queue."""
    return list(_limits(scope))


def _limits(scope: Mapping[str, Any]) -> Iterator[str]:
    if scope.get("stock"):
        yield _("Only the stock %(stock)s") % {"stock": scope["stock"]}
    if scope.get("shipments"):
        yield _("Only these shipments: %(names)s") % {"names": ", ".join(scope["shipments"])}
    if scope.get("filter"):
        yield _("Only shipments that match the filter %(filter)s") % {"filter": scope["filter"]}
    if scope.get("policy"):
        policy = in_words(BY_NAME["release_policy"], scope["policy"])
        yield _("With the policy %(policy)s, whatever is in force") % {"policy": policy}
    if scope.get("ahead"):
        yield _("Ahead of the queue")
    if scope.get("as_shown"):
        yield _("Dry run #%(run)s applied as shown") % {"run": scope["as_shown"]}
    if products := scope.get("products"):
        count = len(products)
        sentence = ngettext(
            "Only shipments of %(count)s product that arrived",
            "Only shipments of %(count)s products that arrived",
            count,
        )
        yield sentence % {"count": count}


def _value(option: StockOption, value: Any) -> str:
    if option.kind is OptionKind.PERIOD and value is not None:
        return in_words(option, CalendarPeriod.parse(value))
    return in_words(option, value)
