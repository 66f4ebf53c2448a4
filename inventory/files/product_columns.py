"""The columns of the product file, as Magento names them; options derive from their table."""

from dataclasses import dataclass

from core.text import gettext_noop as _
from inventory.options import Scope, StockOption, options_for


@dataclass(frozen=True, slots=True)
class OptionColumns:
    """Where a file has an option: its own value, and whether it follows the configuration.

    ``use_config`` is empty for an option that only a product has.
    """

    option: StockOption
    value: str
    use_config: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.value, self.use_config) if self.use_config else (self.value,)


OPTION_COLUMNS = tuple(
    OptionColumns(option, option.csv_column, option.csv_use_config_column or "")
    for option in options_for(Scope.PRODUCT)
    if option.csv_column
)
STORE_VIEW = "store_view_code"
# Each column with what it holds, for people; those of options follow from the options.
OWN_COLUMNS = {
    "sku": _("The SKU. Each may occur once in a file."),
    "barcode": _("The code on the package; no two products share one."),
    "name": _("Needed for a new product."),
    "product_type": _("simple or virtual; rows of other types are skipped and counted."),
    "price": _("The price, with no more decimals than the currency of the site has."),
    "product_online": _("1 is enabled, 2 (or 0) is disabled."),
    "order_multiple": _("Order proposals are rounded up to a multiple of this, from 1 to 1000000."),
    "lead_time_days": _("Days from an order to its arrival, from 0 to 3650."),
    "release_on": _("The release date: orders before it are pre-orders."),
    "preorder_limit": _("The most pre-ordered units, from 1 to 1000000000."),
    "qty": _("The quantity at the source “default”."),
    "is_in_stock": _("The status at the source “default”: 1 is In Stock, 0 is Out of Stock."),
}
# What Magento calls its columns elsewhere, each with the column that is read.
OTHER_NAMES = {
    "min_qty": "out_of_stock_qty",
    "backorders": "allow_backorders",
    "min_sale_qty": "min_cart_qty",
    "max_sale_qty": "max_cart_qty",
    "notify_stock_qty": "notify_on_stock_below",
    "enable_qty_inc": "enable_qty_increments",
    "use_config_enable_qty_increments": "use_config_enable_qty_inc",
    "use_config_out_of_stock_qty": "use_config_min_qty",
    "use_config_allow_backorders": "use_config_backorders",
    "use_config_min_cart_qty": "use_config_min_sale_qty",
    "use_config_max_cart_qty": "use_config_max_sale_qty",
    "use_config_notify_on_stock_below": "use_config_notify_stock_qty",
    "is_decimal": "is_qty_decimal",
    "stock_status": "is_in_stock",
    "quantity": "qty",
    "type_id": "product_type",
    "type": "product_type",
    "status": "product_online",
    "enabled": "product_online",
}
COLUMNS = (*OWN_COLUMNS, *(name for columns in OPTION_COLUMNS for name in columns.names))
