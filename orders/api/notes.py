"""``orders/{number}/notes/``: the notes of staff on an order."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.endpoint import ListEndpoint
from core.api.idempotency import once, user_id_of
from core.api.notes import NoteBody, NoteSerializer
from core.operations.idempotency import Answer
from core.operations.notes import keep_note
from orders.models import Order, OrderNote
from orders.permissions import CHANGE


class OrderNotesEndpoint(ListEndpoint):
    """The notes on an order, newest first; customers do not see them."""

    queryset = OrderNote.objects.select_related("author").order_by("-pk")
    serializer_class = NoteSerializer
    required_permissions = {"GET": "orders.view_order", "POST": CHANGE}

    @extend_schema(operation_id="orders_notes_list")
    def get(self, request: Request, number: str) -> Response:
        order = self.found(Order.objects.all(), number=number)
        return self.page(self.get_queryset().filter(order=order))

    @extend_schema(request=NoteBody, responses={201: NoteSerializer})
    def post(self, request: Request, number: str) -> Response:
        """Add a note."""
        order = self.found(Order.objects.all(), number=number)
        text = self.validated(request, NoteBody)["text"]

        def perform() -> Answer:
            note = OrderNote(
                order=order, text=text, author_id=user_id_of(request), created_at=timezone.now()
            )
            keep_note(note)
            return Answer(201, dict(NoteSerializer(note).data))

        return once(request, perform)
