"""Pages for customers: public, opened by a link that is the whole authority."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.network_addresses import address_of, network_of
from core.request_rates import WINDOW_SECONDS, is_within_rate

# Neither kept nor listed nor handed on: who has the address sees the page.
PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
OFFERED = tuple(code for code, _name in settings.LANGUAGES)
View = Callable[[HttpRequest, str], HttpResponse]


def customer_page(name: str) -> Callable[[View], View]:
    """Let customers open a view by a link, so often in a minute by link and by address.

    ``name`` is what is counted. GET and HEAD have to change nothing, for mail servers open links
    before people do. A token against forged requests would add nothing, for no other site knows
    the link, and mail programs post without cookies (RFC 8058).

    Rule: Order status page (§18b).
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            response = view(request, token) if _is_allowed(request, name, token) else _too_many()
            for header, value in PRIVATE.items():
                response[header] = value
            return response

        return answer

    return decorate


def shown(template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """Return a page for customers in the current language; nothing of the request is shown."""
    language = get_language() or settings.LANGUAGE_CODE
    languages = [(code, get_language_info(code)["name_local"]) for code in OFFERED]
    facts = {**context, "language": language, "languages": languages}
    response = render(None, template, facts, status=status)
    response["Content-Language"] = language
    return response


def button_page(title: str, text: str = "", *, button: str = "", status: int = 200) -> HttpResponse:
    """Return a page of a sentence or two, with a button that posts to the page itself."""
    return shown(
        "customer/button_page.html", {"title": title, "text": text, "button": button}, status=status
    )


def link_is_gone() -> HttpResponse:
    """Return the one answer to a link that was changed, and to one whose matter is gone."""
    text = gettext("It was changed, it has expired, or the request was deleted.")
    return button_page(gettext("This link does not work."), text, status=404)


def _is_allowed(request: HttpRequest, name: str, token: str) -> bool:
    counted = {f"{name}-address": network_of(address_of(request)), f"{name}-link": token}
    allowed = [
        is_within_rate(kind, who, per_minute=settings.ORDER_PAGE_RATE, now=timezone.now())
        for kind, who in counted.items()
    ]
    return all(allowed)


def _too_many() -> HttpResponse:
    response = shown("customer/too_many.html", {}, status=429)
    response["Retry-After"] = str(WINDOW_SECONDS)
    return response
