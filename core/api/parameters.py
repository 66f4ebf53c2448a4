"""Query parameters: known ones, each once; and ``dry_run``, the preview of a write."""

from collections.abc import Callable, Mapping

from django.db import transaction
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.idempotency import once
from core.operations.idempotency import Answer
from core.text import is_storable

DRY_RUN = "dry_run"
# What an endpoint with a preview takes, as ``query_parameters``.
PREVIEWED = {"POST": (DRY_RUN,), "PATCH": (DRY_RUN,)}
PREVIEW = OpenApiParameter(
    DRY_RUN,
    OpenApiTypes.STR,
    enum=["0", "1"],
    description="1: a preview. The answer is that of the write; nothing is written.",
)


def refuse_unknown_parameters(request: Request, known: Mapping[str, bool]) -> None:
    """Refuse parameters that the address does not have, and one that is given twice.

    ``known`` says of each parameter whether it may be given more than once.

    :raises rest_framework.exceptions.ValidationError: with the name of each.
    """
    faults = {}
    for name, values in request.query_params.lists():
        if name not in known:
            faults[name] = [ErrorDetail(_unknown(name, known), "unknown")]
        elif not all(map(is_storable, values)):
            message = gettext("This has a character that cannot be stored. Remove it.")
            faults[name] = [ErrorDetail(message, "invalid")]
        elif len(values) > 1 and not known[name]:
            faults[name] = [ErrorDetail(gettext("Give this parameter once."), "given_twice")]
    if faults:
        raise ValidationError(faults)


def is_preview(request: Request) -> bool:
    """Whether a write is only to be previewed (``?dry_run=1``).

    :raises rest_framework.exceptions.ValidationError: for anything but 0 and 1.
    """
    answer = request.query_params.get(DRY_RUN, "0")
    if answer not in {"0", "1"}:
        raise ValidationError({DRY_RUN: [gettext("Write 1 or 0.")]})
    return answer == "1"


def previewed_or_once(request: Request, perform: Callable[[], Answer]) -> Response:
    """Answer with what ``perform`` does: once for each key, or (preview) without doing it."""
    return previewed(perform) if is_preview(request) else once(request, perform)


def previewed(perform: Callable[[], Answer]) -> Response:
    """Answer with what ``perform`` would do.

    The write is carried out and taken back, so the answer is exactly that of the write at this
    moment, refusals included. ``perform`` writes to the database alone.
    """
    with transaction.atomic():
        answer = perform()
        transaction.set_rollback(True)
    return Response(answer.body, status=200)


def _unknown(name: str, known: Mapping[str, bool]) -> str:
    if name == DRY_RUN:
        return gettext("There is no preview here; nothing was written.")
    if not known:
        return gettext("This address takes no parameters.")
    return gettext("There is no such parameter. There are: %(names)s") % {
        "names": ", ".join(sorted(known))
    }
