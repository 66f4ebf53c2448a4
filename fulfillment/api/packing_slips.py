"""``shipments/{number}/packing-slip/``: what lies in the parcel."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.api.document_endpoint import PAPER_PARAMETER, PDF_RESPONSE, DocumentEndpoint, paper_of
from core.api.idempotency import act_of
from core.api.problems import conflict
from core.documents.pdf_response import pdf_answer
from fulfillment.documents.packing_slip import packing_slips
from fulfillment.models import Shipment
from fulfillment.operations.moves.packing_slips import print_slips
from fulfillment.operations.shipments.locking import WrongStateError
from fulfillment.release.shipment_actions import CHANGE
from fulfillment.review.effects import no_slip
from inventory.api.future_supply import EmptyBody


class PackingSlipEndpoint(DocumentEndpoint):
    required_permissions = {"GET": CHANGE}
    queryset = Shipment.objects.select_related("order").order_by("pk")
    serializer_class = EmptyBody

    @extend_schema(
        operation_id="shipments_packing_slip",
        responses=PDF_RESPONSE,
        parameters=[PAPER_PARAMETER],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        """Its packing slip, in the customer's language; the shipment notes that it was printed."""
        paper = paper_of(request)
        shipment = self.found(self.get_queryset(), number=number)
        try:
            slips = print_slips([shipment.pk], act_of(request))
        except WrongStateError as error:
            raise conflict("NO_PACKING_SLIP", str(no_slip(shipment).label)) from error
        return pdf_answer(packing_slips(slips, paper=paper), f"packing-slip-{shipment.number}")
