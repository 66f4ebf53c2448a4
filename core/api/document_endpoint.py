"""Answers that are documents, not JSON."""

from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core.api.endpoint import Endpoint
from core.documents.paper import Paper
from core.documents.pdf_response import PDF

PAPER = "paper"
PAPER_PARAMETER = OpenApiParameter(
    PAPER,
    OpenApiTypes.STR,
    enum=[paper.value for paper in Paper],
    description="Without it the paper that is usual in the country of the source.",
)
PDF_RESPONSE = {(200, PDF): OpenApiTypes.BINARY}


class ProblemRenderer(JSONRenderer):
    """Writes the problems of those who ask for a PDF."""

    media_type = PDF
    format = "pdf"


class DocumentEndpoint(Endpoint):
    # An address that answers with a PDF.

    query_parameters = {"GET": (PAPER,)}
    renderer_classes = [JSONRenderer, ProblemRenderer]
    http_method_names = ["get"]


def paper_of(request: Request) -> Paper | None:
    """Return the paper that is asked for, None for the usual one.

    :raises rest_framework.exceptions.ValidationError: for anything but A4 and LETTER.
    """
    asked = request.query_params.get(PAPER)
    if asked is None:
        return None
    try:
        return Paper(asked)
    except ValueError as error:
        raise ValidationError({PAPER: [gettext("Write A4 or LETTER.")]}) from error
