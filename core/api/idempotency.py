"""``Idempotency-Key``: the same request again has the same answer, without a second effect."""

import re
from collections.abc import Callable
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.acts import Act
from core.api.problems import ProblemError, conflict
from core.operations.idempotency import (
    Answer,
    KeyedRequest,
    KeyUsedOtherwiseError,
    StillWorkingError,
    answer_around,
    answer_with,
)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,200}\Z")

Perform = Callable[[], Answer]


def once(request: Request, perform: Perform, *, calls_out: bool = False) -> Response:
    """Answer with what ``perform`` does, once for each key; without a key, each time.

    ``calls_out``: the work opens transactions of its own and calls a gateway, so it must itself
    be safe to do twice by :func:`own_key`.

    :raises ProblemError: 409 when the key came with another request.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return _response(perform())
    asked = KeyedRequest(user_id_of(request), _checked(key), _fingerprint(request))
    answer_once = answer_around if calls_out else answer_with
    try:
        return _response(answer_once(asked, perform, now=timezone.now()))
    except KeyUsedOtherwiseError as error:
        detail = gettext("This idempotency key was sent with another request.")
        raise conflict("IDEMPOTENCY_CONFLICT", detail) from error
    except StillWorkingError as error:
        detail = gettext("The same request is being worked on. Send it again in a while.")
        raise conflict("IN_PROGRESS", detail) from error


def user_id_of(request: Request) -> int:
    """Return who asks; endpoints let nobody in who is unknown."""
    if request.user.pk is None:
        raise NotAuthenticated
    return request.user.pk


def act_of(request: Request, reason: str = "") -> Act:
    """Return what a request does as an act of its user, now, by its own key."""
    return Act(timezone.now(), user_id_of(request), reason, own_key(request))


def own_key(request: Request) -> str | None:
    """Return the key as operations keep it: each user's keys are their own."""
    key = request.headers.get(HEADER)
    return None if key is None else f"api-{request.user.pk}-{key}"


def _checked(key: str) -> str:
    if not KEY.match(key):
        detail = gettext("An idempotency key has 1 to 200 visible ASCII characters.")
        raise ProblemError(400, "INVALID_IDEMPOTENCY_KEY", detail)
    return key


def _fingerprint(request: Request) -> str:
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request._request.body)
    return digest.hexdigest()


def _response(answer: Answer) -> Response:
    headers = {REPLAYED: "true"} if answer.is_replay else {}
    is_problem = answer.status_code >= 400
    return Response(
        answer.body,
        status=answer.status_code,
        headers=headers,
        content_type="application/problem+json" if is_problem else None,
    )
