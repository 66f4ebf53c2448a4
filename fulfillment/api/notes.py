"""``shipments/{number}/notes/``: the notes of staff on a shipment."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint
from core.api.idempotency import once, user_id_of
from core.api.notes import NoteBody, NoteSerializer
from core.operations.idempotency import Answer
from core.operations.notes import keep_note
from fulfillment.models import Shipment, ShipmentNote


class ShipmentNotesEndpoint(ListEndpoint):
    """The notes on a shipment, newest first; customers do not see them."""

    queryset = ShipmentNote.objects.select_related("author").order_by("-pk")
    serializer_class = NoteSerializer
    required_permissions = {
        "GET": "fulfillment.view_shipment",
        "POST": "fulfillment.change_shipment",
    }

    @extend_schema(operation_id="shipments_notes_list")
    def get(self, request: Request, number: str) -> Response:
        shipment = self.found(Shipment.objects.all(), number=number)
        return self.page(self.get_queryset().filter(shipment=shipment))

    @extend_schema(request=NoteBody, responses={201: NoteSerializer})
    def post(self, request: Request, number: str) -> Response:
        """Add a note."""
        shipment = self.found(Shipment.objects.all(), number=number)
        text = self.validated(request, NoteBody)["text"]

        def perform() -> Answer:
            note = ShipmentNote(
                shipment=shipment,
                text=text,
                author_id=user_id_of(request),
                created_at=timezone.now(),
            )
            keep_note(note)
            return Answer(201, dict(NoteSerializer(note).data))

        return once(request, perform)
