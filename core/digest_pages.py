"""The page by which a user unsubscribes from a digest without a log-in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from core.customer_pages import button_page, customer_page, link_is_gone
from core.models import StaffDigest
from core.operations.digest_readers import unsubscribe_reader


def digest_page(digest: type[StaffDigest]) -> Callable[[HttpRequest, str], HttpResponse]:
    """Return the page that the links in e-mails of ``digest`` open.

    Only its button ends these e-mails, also a mail program's (RFC 8058).
    """

    @customer_page(digest.UNSUBSCRIBE)
    def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
        key = digest.signed(token, page=digest.UNSUBSCRIBE)
        if key is None:
            return link_is_gone()
        about = str(digest.ABOUT)
        if request.method != "POST":
            return button_page(gettext("Unsubscribe"), about, button=gettext("Unsubscribe"))
        unsubscribe_reader(digest, email_id=key)
        title = gettext("You are unsubscribed.")
        again = gettext("To get this e-mail again, log in and select “Your e-mails” in your menu.")
        return button_page(title, again)

    return unsubscribe_page
