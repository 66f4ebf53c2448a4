"""Records future supply, and corrects what nothing is promised from yet."""

from collections.abc import Collection

from django.db import transaction

from inventory import downstream
from inventory.models import FutureSupply


def save_supply(supply: FutureSupply, *, changed: Collection[str]) -> None:
    """Save a record; of one that is there already, only the ``changed`` columns.

    Opens the transaction. More may be promised now, so a release run follows.
    """
    with transaction.atomic():
        if supply.pk is None:
            supply.save()
        elif changed:
            supply.save(update_fields=list(changed))
        if changed:
            downstream.current().units_became_available([supply.product_id])
