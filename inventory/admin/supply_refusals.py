"""Why future supply does not allow an action, as its pages say it."""

from django.utils.translation import gettext_lazy as _

from inventory.admin.supply_forms import IN_TRANSIT
from inventory.operations import future_supply, receipt_reversals

REFUSALS = {
    future_supply.ClosedSupplyError: _("This supply is no longer open. Nothing was changed."),
    future_supply.SupplyChangedError: _(
        "This supply was changed in the meantime. Nothing was changed here. Review it again."
    ),
    future_supply.SupplyMovedError: _(
        "Some of these units were just promised. Nothing was changed. Review and try again."
    ),
    future_supply.InTransitError: IN_TRANSIT,
    future_supply.BelowReceivedError: _("More has been received already. Nothing was changed."),
    future_supply.OutstandingMovedError: _(
        "Units of this supply were received or changed since this page was shown. Nothing was "
        "changed. Review it again."
    ),
    receipt_reversals.NotLastReceiptError: _(
        "Only the last receipt of a record can be taken back, once. Nothing was changed."
    ),
    receipt_reversals.TooManyUnitsError: _("Fewer units can leave now. Nothing was changed."),
}
