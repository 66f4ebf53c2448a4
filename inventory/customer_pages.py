"""The pages that back-in-stock e-mails link to: each changes something only by its button."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.request_rates import WINDOW_SECONDS, address_of, is_within_rate
from inventory.models import BackInStockRequest
from inventory.models.back_in_stock import CONFIRM, UNSUBSCRIBE
from inventory.operations.back_in_stock import confirm, unsubscribe

TEMPLATE = "inventory/back_in_stock/page.html"
# Neither kept nor listed nor handed on: who has the address may confirm.
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
Answer = Callable[[HttpRequest, int, BackInStockRequest | None], HttpResponse]


def linked(page: str) -> Callable[[Answer], Callable[[HttpRequest, str], HttpResponse]]:
    """Let ``answer`` show ``page`` to those who have a link to it, in their language.

    GET and HEAD change nothing, for mail servers open links before people do. A link that was
    changed and one to what is gone have the same answer.
    """

    def decorate(answer: Answer) -> Callable[[HttpRequest, str], HttpResponse]:
        # The link is the whole authority: mail programs post to it without cookies (RFC 8058).
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(answer)
        def view(request: HttpRequest, token: str) -> HttpResponse:
            response = _answer(request, token, page, answer)
            for name, value in PRIVATE.items():
                response[name] = value
            return response

        return view

    return decorate


def _answer(request: HttpRequest, token: str, page: str, answer: Answer) -> HttpResponse:
    now, rate = timezone.now(), settings.ORDER_PAGE_RATE
    if not is_within_rate(page, address_of(request), per_minute=rate, now=now):
        response = _shown(request, gettext("Too many requests."), status=429)
        response["Retry-After"] = str(WINDOW_SECONDS)
        return response
    key = BackInStockRequest.signed(token, page=page)
    if key is None:
        return _gone(request)
    rows = BackInStockRequest.objects.filter(pk=key).select_related("product")
    row = rows.order_by("pk").first()
    with translation.override(row.written_in if row else translation.get_language()):
        return answer(request, key, row)


@linked(CONFIRM)
def confirm_page(request: HttpRequest, key: int, row: BackInStockRequest | None) -> HttpResponse:
    """Show which product is asked about; a POST confirms that."""
    if request.method == "POST":
        row = confirm(key, now=timezone.now())
    if row is None:
        return _gone(request)
    text = gettext("You will get one e-mail when this product can be bought again: %(product)s.")
    text %= {"product": row.product.name or row.product.sku}
    if row.confirmed_at is None:
        return _shown(request, gettext("Confirm your request"), text, button=gettext("Confirm"))
    return _shown(request, gettext("Your request is confirmed."), text)


@linked(UNSUBSCRIBE)
def unsubscribe_page(
    request: HttpRequest, key: int, _row: BackInStockRequest | None
) -> HttpResponse:
    """Offer to end all requests of the address; a POST, also of a mail program, ends them."""
    if request.method == "POST":
        unsubscribe(key)
        title = gettext("You are unsubscribed.")
        return _shown(request, title, gettext("All your back-in-stock requests were deleted."))
    return _shown(
        request,
        gettext("Unsubscribe"),
        gettext("Delete all your back-in-stock requests?"),
        button=gettext("Unsubscribe"),
    )


def _gone(request: HttpRequest) -> HttpResponse:
    text = gettext("It was changed, it has expired, or the request was deleted.")
    return _shown(request, gettext("This link does not work."), text, status=404)


def _shown(
    request: HttpRequest, title: str, text: str = "", *, button: str = "", status: int = 200
) -> HttpResponse:
    language = translation.get_language()
    context = {"title": title, "text": text, "button": button, "language": language}
    return render(request, TEMPLATE, context, status=status)
