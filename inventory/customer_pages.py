"""The pages that back-in-stock e-mails link to: each changes something only by its button."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext

from core.customer_pages import button_page, customer_page, link_is_gone
from inventory.models import BackInStockRequest
from inventory.models.back_in_stock import CONFIRM, UNSUBSCRIBE
from inventory.operations.back_in_stock import confirm, unsubscribe

Answer = Callable[[int, BackInStockRequest | None, bool], HttpResponse]


def linked(page: str) -> Callable[[Answer], Callable[[HttpRequest, str], HttpResponse]]:
    """Let ``answer`` show ``page`` to those who have a link to it, in their language.

    It is given the key of the request, the request if there still is one, and whether the button
    was used. A link that was changed and one to what is gone have the same answer.
    """

    def decorate(answer: Answer) -> Callable[[HttpRequest, str], HttpResponse]:
        @customer_page(page)
        @wraps(answer)
        def view(request: HttpRequest, token: str) -> HttpResponse:
            key = BackInStockRequest.signed(token, page=page)
            if key is None:
                return link_is_gone()
            rows = BackInStockRequest.objects.filter(pk=key).select_related("product")
            row = rows.order_by("pk").first()
            with translation.override(row.written_in if row else translation.get_language()):
                return answer(key, row, request.method == "POST")

        return view

    return decorate


@linked(CONFIRM)
def confirm_page(key: int, row: BackInStockRequest | None, is_used: bool) -> HttpResponse:  # noqa: FBT001
    """Show which product is asked about; the button confirms that."""
    if is_used:
        row = confirm(key, now=timezone.now())
    if row is None:
        return link_is_gone()
    text = gettext("You will get one e-mail when this product can be bought again: %(product)s.")
    text %= {"product": row.product.name or row.product.sku}
    if row.confirmed_at is None:
        return button_page(gettext("Confirm your request"), text, button=gettext("Confirm"))
    return button_page(gettext("Your request is confirmed."), text)


@linked(UNSUBSCRIBE)
def unsubscribe_page(key: int, _row: BackInStockRequest | None, is_used: bool) -> HttpResponse:  # noqa: FBT001
    """Offer to end all requests of the address; the button, also a mail program's, ends them."""
    if is_used:
        unsubscribe(key)
        title = gettext("You are unsubscribed.")
        return button_page(title, gettext("All your back-in-stock requests were deleted."))
    return button_page(
        gettext("Unsubscribe"),
        gettext("Delete all your back-in-stock requests?"),
        button=gettext("Unsubscribe"),
    )
