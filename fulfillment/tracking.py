"""The tracking of parcels: their numbers, the links of their carriers. PURE."""

import re
from urllib.parse import quote, urlsplit

from core.text import FaultError
from core.text import gettext_noop as _

GAP = "{number}"
SHORTEST_NUMBER, LONGEST_NUMBER = 3, 50
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*\Z")
# The part of an address that names the server: what a link promises may not depend on a number.
SERVER = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
UNSAFE = re.compile(r"[^!#-;=?-\[\]_a-z{}~]")

NOT_A_LINK = _("Write a link that begins with https:// and the name of a website.")
NO_GAP = _("Write {number} once, where the tracking number belongs.")
GAP_IN_SERVER = _("Write {number} after the name of the website.")
UNSAFE_CHARACTER = _("The link has a character that addresses cannot have. Copy it again.")
WRONG_LENGTH = _("A tracking number has %(shortest)s to %(longest)s characters.")
WRONG_CHARACTER = _(
    "“%(value)s” is no tracking number. Use letters A to Z, digits, hyphen, period, underscore "
    "and slash."
)


class TrackingError(FaultError):
    """What cannot be a tracking number, or the link of a carrier."""


def check_template(template: str) -> None:
    """Refuse what cannot be a link with a number in it.

    :raises TrackingError: unless it is an https address of a website that has ``{number}`` once,
        after the website's name.

    Rule: Parcels (§21).
    """
    if UNSAFE.search(template):
        raise TrackingError(UNSAFE_CHARACTER)
    server = urlsplit(template).netloc if template.startswith("https://") else ""
    if GAP in server:
        raise TrackingError(GAP_IN_SERVER)
    if not SERVER.match(server):
        raise TrackingError(NOT_A_LINK)
    if template.count(GAP) != 1 or set("{}") & set(template.replace(GAP, "")):
        raise TrackingError(NO_GAP)


def link_of(template: str, number: str) -> str:
    """Return the link to a parcel: the carrier's with the number in it, escaped.

    Empty where the carrier has no link, or the parcel no number.
    """
    return template.replace(GAP, quote(number, safe="")) if template and number else ""


def read_number(text: str) -> str:
    """Return a tracking number as it is kept: without the spaces that people print in it.

    :raises TrackingError: for one that is too short or too long, or has other characters.

    Rule: Parcels (§21).
    """
    number = "".join(text.split())
    if number and not NUMBER.match(number):
        raise TrackingError(WRONG_CHARACTER, value=number[:LONGEST_NUMBER])
    if number and not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        raise TrackingError(WRONG_LENGTH, shortest=SHORTEST_NUMBER, longest=LONGEST_NUMBER)
    return number
