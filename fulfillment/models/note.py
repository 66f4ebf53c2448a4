"""Notes of staff on shipments."""

from django.db import models

from core.models.note import Note
from fulfillment.models.shipment import Shipment


class ShipmentNote(Note):
    """A note on a shipment."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="notes")
