"""Notes of staff on orders."""

from django.db import models

from core.models.note import Note
from orders.models.order import Order


class OrderNote(Note):
    """A note on an order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="notes")
