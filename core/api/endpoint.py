"""What every endpoint has in common."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from core.access_limits import ask_as, current, has_rule, seen
from core.api.access import HasModelPermission, KeyAuthentication, UserThrottle
from core.api.bodies import BodyParser, refuse_large_body
from core.api.filters import FilterBackend
from core.api.idempotency import once
from core.api.outside_names import refuse_outside
from core.api.pagination import PAGE_PARAMETERS, Pages
from core.column_limits import is_storable
from core.operations.idempotency import Answer


# Docstrings of these classes would describe, in the API's description, endpoints without one.
class Endpoint(GenericAPIView[Any]):
    # One address.

    authentication_classes = [KeyAuthentication]
    permission_classes = [HasModelPermission]
    throttle_classes = [UserThrottle]
    parser_classes = [BodyParser]
    # The permission that a method asks for, where that is not the one on its rows: to view, add,
    # change or delete them.
    required_permissions: Mapping[str, str] = {}
    # What the address takes beside its filters and pages, by method.
    query_parameters: Mapping[str, Collection[str]] = {}
    # What people may ask who are limited to sources or stocks; None: everything where there is a
    # rule for the rows, else nothing.
    limited_methods: Collection[str] | None = None
    filter_backends: list[Any] = []
    pagination_class: type[BasePagination] | None = None
    metadata_class = None
    # No OPTIONS: the description says what each address takes.
    http_method_names = ["get", "head", "post", "patch", "delete"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:
            refuse_unknown_parameters(request, self.known_parameters(request))
        refuse_large_body(request)
        # Read before it is parsed, because the fingerprint of a request is made from it.
        _body = request._request.body
        if request.method in {"POST", "PATCH"}:
            # What is wrong with a body is told before what its address names is looked for.
            refuse_outside(request.data)

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        ask_as(request.user, request.auth, is_reading=request.method in {"GET", "HEAD"})
        if current() is not None and request.method in self.allowed_methods:
            self._refuse_closed(str(request.method).replace("HEAD", "GET"))

    def _refuse_closed(self, method: str) -> None:
        rows = getattr(self, "queryset", None)
        is_open = rows is not None and has_rule(rows.model)
        if self.limited_methods is not None:
            is_open = method in self.limited_methods
        if not is_open:
            raise NotFound

    def known_parameters(self, request: Request) -> dict[str, bool]:
        """Return the query parameters of the method, and whether each may be repeated."""
        method = "GET" if request.method == "HEAD" else str(request.method)
        return dict.fromkeys(self.query_parameters.get(method, ()), False)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep answers out of caches: most hold personal data, and all change at any moment."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer

    def validated(
        self, request: Request, body: type[BaseSerializer[Any]] | None = None, **arguments: Any
    ) -> Any:
        """Return the body as ``body`` reads it; left out, the endpoint's serializer.

        :raises rest_framework.exceptions.ValidationError: with every fault.
        """
        serializer = (body or self.get_serializer)(data=request.data, **arguments)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def found(self, rows: QuerySet[Any], **named: Any) -> Any:
        """Return the one row that the address names.

        :raises rest_framework.exceptions.NotFound: if there is none.
        """
        if not all(is_storable(str(value)) for value in named.values()):
            raise NotFound
        return get_object_or_404(seen(rows), **named)

    def shown(self, rows: Sequence[Any]) -> Any:
        """Return rows as answers have them."""
        return self.get_serializer(rows, many=True).data


class RowEndpoint(Endpoint):
    # The address of one row.

    def get(self, request: Request, *args: Any, **named: Any) -> Response:
        [body] = self.shown([self.found(self.get_queryset(), **named)])
        return Response(body)


class ListEndpoint(Endpoint):
    # An address with a list, in pages, filtered.

    filterset_class: Any = None
    filter_backends = [FilterBackend]
    pagination_class = Pages

    def known_parameters(self, request: Request) -> dict[str, bool]:
        known = super().known_parameters(request)
        if request.method in {"GET", "HEAD"}:
            known |= dict.fromkeys(PAGE_PARAMETERS, False)
            known |= {
                name: isinstance(one, filters.MultipleChoiceFilter)
                for name, one in getattr(self.filterset_class, "base_filters", {}).items()
            }
        return known

    def get(self, request: Request, *args: Any, **named: Any) -> Response:
        return self.page(self.get_queryset())

    def page(self, rows: QuerySet[Any]) -> Response:
        """Answer with the page of ``rows`` that is asked for."""
        chosen = self.paginate_queryset(self.filter_queryset(seen(rows)))
        return self.get_paginated_response(self.shown(chosen or ()))


class Nowhere(Endpoint):
    """Any address under the API that there is not."""

    schema = None

    def known_parameters(self, request: Request) -> dict[str, bool]:
        """Whatever is asked, the answer is that there is nothing."""
        return dict.fromkeys(request.query_params, True)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound


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
