"""What a list without rows says: where rows come from."""

from typing import Any

from django import template
from django.db.models.options import Options
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

BELONGS: dict[str, str | Promise] = {
    "auth.group": _("A role says what its users may do."),
    "auth.user": _("Everybody who works here has a user."),
    "core.accountemail": _(
        "People are informed by e-mail when their password or second factor changes."
    ),
    "core.apikey": _("A key lets a program use the API. Add one for each program."),
    "core.bulkchange": _("A change of many rows at once is listed here, and can be taken back."),
    "core.job": _("Imports, bulk changes and other long work are listed here with their progress."),
    "core.securityevent": _("Log-ins, changed rights and used API keys are listed here."),
    "fulfillment.allocation": _("Units that are set aside for shipments are listed here."),
    "fulfillment.carrier": _(
        "A carrier takes parcels to customers. Its link shows where they are."
    ),
    "fulfillment.delayrequest": _(
        "Customers are asked about late units where their sales channel asks for consent."
    ),
    "fulfillment.parcel": _(
        "A shipment leaves in parcels. Their tracking numbers come with the shipment, or later."
    ),
    "fulfillment.picklist": _(
        "A pick list takes ready shipments of one source. Make one from the list of shipments."
    ),
    "fulfillment.releaserun": _(
        "A run releases backordered shipments once there are units for them. Start one from the "
        "release board."
    ),
    "fulfillment.ruleemail": _("E-mails of rules to staff are listed here with their status."),
    "fulfillment.rulerun": _("Rules run every day. What each rule did is listed here."),
    "fulfillment.waitingrule": _(
        "A rule acts on shipments that wait: it raises their priority, holds or cancels them, or "
        "e-mails somebody."
    ),
    "fulfillment.scheduledwork": _("Work that starts by itself at set times is listed here."),
    "fulfillment.shipment": _("A shipment is made when an order is placed."),
    "fulfillment.demanddigest": _("Each week an e-mail lists the demand. It is kept here."),
    "fulfillment.waitingbalance": _("Units that backordered shipments wait for are counted here."),
    "inventory.backinstockrequest": _(
        "Customers who ask for an e-mail when a product can be bought again are listed here."
    ),
    "inventory.futuresupply": _(
        "Units that are expected at a source are recorded here. Shipments can be promised them."
    ),
    "inventory.importfile": _("Imported files are listed here with their changes."),
    "inventory.lowstockdigest": _(
        "Each day an e-mail lists the source items that became low. It is kept here."
    ),
    "inventory.product": _("Add a product, or import a file of products."),
    "inventory.reservation": _(
        "Each order reserves units of a stock when it is placed. Those entries are listed here."
    ),
    "inventory.saleschannel": _("A sales channel sells from one stock. Orders come in by it."),
    "inventory.source": _("A source is a place that holds units and ships them."),
    "inventory.sourceitem": _("A product is held at a source once it is assigned to it."),
    "inventory.stock": _("A stock is a group of sources that sales channels sell from."),
    "inventory.stockbalance": _("Sold and reserved units of each stock are counted here."),
    "orders.cancellation": _("Units that were canceled are listed here with who did it and why."),
    "orders.order": _("Orders come from sales channels, from files and by phone."),
    "orders.orderemail": _("E-mails to customers are listed here with their status."),
    "orders.payment": _("A payment is made when an order is placed."),
    "orders.paymentoperation": _(
        "Each request to a payment gateway is listed here with its answer."
    ),
    "orders.return": _("Shipped units that came back, and what became of their money."),
    "orders.refund": _("Money that was given back is listed here."),
}


@register.simple_tag
def what_belongs_here(listed: "Options[Any]") -> str | Promise:
    """Return the sentence for an empty list of a model."""
    return BELONGS[listed.label_lower]
