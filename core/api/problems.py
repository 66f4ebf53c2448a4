"""Says what is wrong with a request, always as ``application/problem+json`` (RFC 9457)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import DataError, IntegrityError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.api.access import count_refusal
from core.text import gettext_noop as _

MEDIA_TYPE = "application/problem+json"
WHOLE_BODY = "non_field_errors"
# The statuses of problems, by the phrases of HTTP.
TITLES = {
    HTTPStatus.BAD_REQUEST: _("Bad Request"),
    HTTPStatus.UNAUTHORIZED: _("Unauthorized"),
    HTTPStatus.PAYMENT_REQUIRED: _("Payment Required"),
    HTTPStatus.FORBIDDEN: _("Forbidden"),
    HTTPStatus.NOT_FOUND: _("Not Found"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("Method Not Allowed"),
    HTTPStatus.NOT_ACCEPTABLE: _("Not Acceptable"),
    HTTPStatus.CONFLICT: _("Conflict"),
    HTTPStatus.LENGTH_REQUIRED: _("Length Required"),
    HTTPStatus.PRECONDITION_FAILED: _("Precondition Failed"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("Request Entity Too Large"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _("Unsupported Media Type"),
    HTTPStatus.UNPROCESSABLE_ENTITY: _("Unprocessable Entity"),
    HTTPStatus.PRECONDITION_REQUIRED: _("Precondition Required"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _("Internal Server Error"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("Service Unavailable"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``pointer`` (RFC 6901) names the part of the body."""

    pointer: str
    code: str
    detail: str


class ProblemError(exceptions.APIException):
    """A refusal with its status, its code (the end of the problem's type) and every fault.

    ``members`` are more members of the problem (RFC 9457, extensions).
    """

    def __init__(
        self,
        status_code: int,
        code: str,
        detail: str,
        faults: Sequence[Fault] = (),
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail, code)
        self.status_code = status_code
        self.code = code
        self.faults = tuple(faults)
        self.members = dict(members or {})


def conflict(code: str, detail: str) -> ProblemError:
    """Return the refusal of what the state of things does not allow."""
    return ProblemError(409, code, detail)


def refused(code: str, detail: str, faults: Sequence[Fault] = ()) -> ProblemError:
    """Return the refusal of a request that is well formed and cannot be done."""
    return ProblemError(422, code, detail, faults)


def refused_at(pointer: str, code: str, detail: str) -> ProblemError:
    """Return the refusal of one part of the body."""
    return refused(code, detail, [Fault(pointer, code, detail)])


def at(problem: ProblemError, pointers: Sequence[str]) -> ProblemError:
    """Return a problem with what it says at each of these pointers of the request."""
    faults = [Fault(pointer, problem.code, str(problem.detail)) for pointer in pointers]
    return ProblemError(
        problem.status_code, problem.code, str(problem.detail), faults, problem.members
    )


def of_model(error: ModelValidationError) -> ProblemError:
    """Return what a model's validation refuses, each field's fault with its pointer."""
    faults = [
        Fault(
            "" if name == "__all__" else f"/{name}",
            (entry.code or "invalid").upper(),
            message,
        )
        for name, entries in error.error_dict.items()
        for entry in entries
        for message in entry.messages
    ]
    return ProblemError(422, "INVALID", gettext("The request has values that are refused."), faults)


def below(pointer: str, name: object) -> str:
    """Return the pointer (RFC 6901) of what ``name`` names in the part at ``pointer``.

    What no answer can hold, half of a pair of surrogates, is written as its escape.
    """
    text = str(name).encode(errors="backslashreplace").decode()
    return f"{pointer}/{text.replace('~', '~0').replace('/', '~1')}"


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn what a view raised into a problem; None for what nobody foresaw."""
    if isinstance(error, RequestDataTooBig):
        error = ProblemError(413, "TOO_LARGE", gettext("The body is too large."))
    elif isinstance(error, IntegrityError):
        detail = gettext("This conflicts with another change. Try again.")
        error = conflict("CONFLICT", detail)
    elif isinstance(error, DataError):
        error = refused("OUT_OF_RANGE", gettext("A value that would result is too large."))
    elif isinstance(error, ModelValidationError) and hasattr(error, "error_dict"):
        error = of_model(error)
    response = exception_handler(error, dict(context))
    if response is None:
        return None
    if response.status_code == HTTPStatus.FORBIDDEN:
        count_refusal(context["request"]._request)
    response.data = _members(error, response.status_code)
    response.content_type = MEDIA_TYPE
    return response


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer what nobody foresaw; the log has the cause."""
    detail = gettext("Something went wrong here. It has been logged.")
    return unavailable(500, "SERVER_ERROR", detail)


def unavailable(status: int, code: str, detail: str) -> JsonResponse:
    """Answer, outside any view, a request that was not carried out."""
    members = problem_members(status, code, detail)
    return JsonResponse(members, status=status, content_type=MEDIA_TYPE)


def problem_members(
    status: int, code: str, detail: str, faults: Sequence[Fault] = ()
) -> dict[str, Any]:
    """Return the members of a problem."""
    return {
        "type": f"urn:problem:{code.lower().replace('_', '-')}",
        "title": _title(status),
        "status": status,
        "detail": detail,
        "errors": [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
            for fault in faults
        ],
    }


def _title(status: int) -> str:
    """Return what a status is called, in the language that was asked for."""
    title = TITLES.get(HTTPStatus(status))
    return HTTPStatus(status).phrase if title is None else gettext(title)


def _members(error: Exception, status: int) -> dict[str, Any]:
    if isinstance(error, ProblemError):
        problem = problem_members(status, error.code, str(error.detail), error.faults)
        return {**problem, **error.members}
    if isinstance(error, exceptions.ValidationError):
        faults = [Fault(*found) for found in _faults(error.get_full_details(), "")]
        detail = gettext("The request has values that are not valid.")
        return problem_members(status, "INVALID", detail, faults)
    if isinstance(error, exceptions.APIException):
        code = str(getattr(error.detail, "code", error.default_code)).upper()
        return problem_members(status, code, str(error.detail))
    if status == HTTPStatus.FORBIDDEN:
        return problem_members(status, "PERMISSION_DENIED", gettext("You may not do this."))
    return problem_members(status, "NOT_FOUND", gettext("There is nothing here."))


def _faults(details: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Walk the details of a validation error; a position in a list counts from 0."""
    if isinstance(details, Mapping) and {"message", "code"} == set(details):
        yield pointer, str(details["code"]).upper(), str(details["message"])
    elif isinstance(details, Mapping):
        for name, inner in details.items():
            here = pointer if name == WHOLE_BODY else below(pointer, name)
            yield from _faults(inner, here)
    else:
        for position, inner in enumerate(details):
            is_message = isinstance(inner, Mapping) and {"message", "code"} == set(inner)
            yield from _faults(inner, pointer if is_message else below(pointer, position))
