"""An e-mail to a customer of each kind, with everything that it may say."""

from orders.models import OrderEmail
from tests.factories.orders import OrderFactory

LINE = {
    "sku": "SKU-1",
    "name": "Product SKU-1",
    "quantity": "1.5",
    "backordered_quantity": "1",
    "canceled_quantity": "0.5",
}
STORE = {"name": "Lund", "street": "Kungsgatan 1", "postcode": "", "city": "Lund", "phone": "46"}
ASKED = {"lines": [LINE], "agreed_on": "2026-05-01", "answer_by": "2026-05-01"}
DELAYS = [
    {**ASKED, "new_on": "2026-05-20", "silence": "AGREES", "is_canceled_by_silence": True},
    {**ASKED, "new_on": None, "silence": "CANCELS", "is_canceled_by_silence": True},
    {**ASKED, "new_on": None, "silence": "CANCELS", "is_canceled_by_silence": False},
]
# Units with a date and without one; a date that changed, and one that was lost.
CONTEXTS = (
    {
        "lines": [LINE, {**LINE, "expected_on": "2026-05-01"}],
        "total": "7.50",
        "tracking": "7731",
        "store": STORE,
        "cause": "PAYMENT_DECLINED",
        "is_uncharged": True,
        "amount": "7.50",
    },
    {
        "lines": [LINE],
        "total": "7.50",
        "expected_on": "2026-05-01",
        "former_expected_on": "2026-04-01",
        "delays": DELAYS,
        "cause": "NOT_AVAILABLE",
        "refund_amount": "7.50",
        "amount": "7.50",
        "store": STORE,
        "until": "2026-05-01",
    },
)


def every_email() -> list[OrderEmail]:
    """Return the e-mails, not kept."""
    order = OrderFactory(customer_name="Ada", currency="USD")
    return [
        OrderEmail(order=order, kind=kind, context=context)
        for kind in OrderEmail.Kind.values
        for context in CONTEXTS
    ]
