"""The merchant's work: what runs out, what is late, what arrives, what nobody can buy."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from core.clock import Moment
from core.formats import day, quantity
from fulfillment.admin.list_links import ListLinks
from fulfillment.admin.my_work.work_cards import WorkCard, WorkRow, card_of, kept_card, page_of
from inventory.models import FutureSupply, InventoryConfiguration, Product, SourceItem
from inventory.queries.buyable import cannot_be_bought
from inventory.queries.low_items import low_items

LOW, UNBUYABLE = "my_work.low_items", "my_work.cannot_be_bought"


def merchant_cards(links: ListLinks, moment: Moment) -> Iterator[WorkCard]:
    """Yield the cards of whom products and supply belong to."""
    configuration = InventoryConfiguration.load()
    items = SourceItem.objects.select_related("product", "source")
    low: QuerySet[Any, Any] = low_items(items, configuration=configuration)
    yield kept_card(
        LOW,
        _("Low stock"),
        _("Source items below their notify quantity"),
        reverse("admin:inventory_low_stock"),
        low.order_by("-missing", "pk"),
        _low,
    )
    records = FutureSupply.objects.open().select_related("product", "source")
    supply = records.order_by("expected_on", "pk")
    yield card_of(
        _("Overdue supply"),
        _("Expected before today, and not received"),
        links.to("inventory.futuresupply", {"overdue": "yes"}),
        supply.filter(expected_on__lt=moment.today),
        _supplied,
    )
    today = moment.today.isoformat()
    dates = {"expected_on__gte": today, "expected_on__lte": today}
    yield card_of(
        _("Receive today"),
        _("Supply that is expected today"),
        links.to("inventory.futuresupply", {"state__exact": FutureSupply.State.OPEN, **dates}),
        supply.filter(expected_on=moment.today),
        _supplied,
    )
    nothing_to_buy = cannot_be_bought(configuration=configuration.overrides())
    yield kept_card(
        UNBUYABLE,
        _("Cannot be bought"),
        _("Products whose limits leave no quantity to buy"),
        links.to("inventory.product", {"cannot_be_bought": "yes"}),
        Product.objects.filter(nothing_to_buy).order_by("sku", "pk"),
        lambda product: WorkRow(product.sku, page_of(product), product.name),
    )


def _low(item: Any) -> WorkRow:
    values = {"quantity": quantity(item.quantity), "below": quantity(item.low_below)}
    name = _("%(sku)s at %(source)s") % {"sku": item.product.sku, "source": _named(item.source)}
    return WorkRow(name, page_of(item), _("%(quantity)s on hand, low below %(below)s") % values)


def _supplied(supply: FutureSupply) -> WorkRow:
    values = {"units": quantity(supply.outstanding_quantity), "sku": supply.product.sku}
    remark = _("%(source)s · %(date)s") % {
        "source": _named(supply.source),
        "date": day(supply.expected_on),
    }
    if supply.reference:
        remark = f"{supply.reference} · {remark}"
    return WorkRow(_("%(units)s of %(sku)s") % values, page_of(supply), remark)


def _named(source: Any) -> str:
    return str(source.name or source.code)
