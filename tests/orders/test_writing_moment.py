"""What is so when the notices of one e-mail are written."""

from datetime import UTC, datetime

from orders.models import Order, OrderEmail
from orders.notices.writing_moment import WritingMoment

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def notice(key: int, *skus: str, shipment: int = 1) -> OrderEmail:
    lines = [{"sku": sku} for sku in skus]
    context = {"shipments": [shipment], "lines": lines}
    return OrderEmail(
        pk=key, order=Order(pk=1), kind=OrderEmail.Kind.EXPECTED_DATE_CHANGED, context=context
    )


def test_the_first_notice_about_a_line_is_the_first_that_was_queued_about_it() -> None:
    elsewhere = notice(1, "X", shipment=2)
    first, second, third = notice(2, "X", "Y"), notice(3, "X"), notice(4, "Z")
    moment = WritingMoment([elsewhere, first, second, third], {}, NOW)

    # As it is written, the first leaves out what the second says.
    first.context = {**first.context, "lines": [{"sku": "Y"}]}

    assert moment.first_about(first) is first
    assert moment.first_about(second) is first
    assert moment.first_about(third) is third
