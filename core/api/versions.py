"""Which state of a row a client has seen: ``version`` in answers, ``If-Match`` in requests."""

import re

from django.utils.translation import gettext
from rest_framework.request import Request

from core.api.problems import ProblemError

ENTITY_TAG = re.compile(r'"?([0-9]{1,19})"?\Z')


def expected_version(request: Request) -> int | None:
    """Return the version that ``If-Match`` asks for; None for any.

    :raises ProblemError: 400 for what is no version.
    """
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    match = ENTITY_TAG.match(given)
    if match is None:
        detail = gettext("If-Match takes one version, as answers have it, or *.")
        raise ProblemError(400, "INVALID_IF_MATCH", detail)
    return int(match[1])


def stale() -> ProblemError:
    """Return the refusal of a write to what has changed since the client saw it."""
    return ProblemError(412, "STALE", gettext("This has changed since you saw it."))
