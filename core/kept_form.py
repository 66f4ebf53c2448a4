"""What a person entered before the session ended: kept through the log-in, then shown again.

The log-in page that answers carries it, signed, so nothing is stored for people who are logged
out; between the two steps of a log-in it is in the session. It is signed only for a form that
passed the check against other sites.
"""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

# The input of the log-in form that carries what is kept, and the salt of its signature.
INPUT_NAME = "kept_form"
# Stands in a form that is to be shown with its values, whichever button it was sent by.
SHOWN_AGAIN = "is_shown_again"
KEPT_FOR = timedelta(hours=12)
# What belongs to a session, or is not sent back to a browser.
LEFT_OUT = {"csrfmiddlewaretoken", INPUT_NAME, SHOWN_AGAIN}


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was posted to an address, and the page that it was posted from; "" if unknown."""

    path: str
    page: str
    fields: list[tuple[str, str]]

    @classmethod
    def of(cls, request: HttpRequest) -> "KeptForm | None":
        """Return what a person posted; None for what a script did.

        Passwords and files are not sent back to a browser: None for forms that have them.
        """
        is_by_person = "text/html" in request.headers.get("Accept", "")
        if request.method != "POST" or request.FILES or not is_by_person:
            return None
        if any("password" in name for name in request.POST):
            return None
        fields = [
            (name, str(value))
            for name, values in request.POST.lists()
            for value in values
            if name not in LEFT_OUT
        ]
        return cls(request.get_full_path(), _page(request), fields)

    @classmethod
    def read(cls, text: str) -> "KeptForm | None":
        """Return what :meth:`signed` gave; None for any other text, and for one that is too old."""
        try:
            path, page, fields = signing.loads(text, salt=INPUT_NAME, max_age=KEPT_FOR)
        except signing.BadSignature:
            return None
        return cls(path, page, [(name, value) for name, value in fields])

    def signed(self) -> str:
        kept = (self.path, self.page, self.fields)
        return signing.dumps(kept, salt=INPUT_NAME, compress=True)


def unsaved_sentence(request: HttpRequest) -> str:
    """Return what to say of a form that is shown again and not saved; "" for any other."""
    if SHOWN_AGAIN not in request.POST:
        return ""
    return gettext("This is not saved yet. Check it and save it again.")


def _page(request: HttpRequest) -> str:
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return ""
    parts = urlsplit(referer)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
