"""Who may work on shipments."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from core.name_order import by_name

MAY_WORK = "fulfillment.change_shipment"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def assignable_people() -> QuerySet[User]:
    """Return the active staff to whom shipments can be assigned, by user name."""
    people: QuerySet[User] = User.objects.with_perm(MAY_WORK, backend=BACKEND)
    return people.filter(is_staff=True).order_by(by_name("username"), "pk")
