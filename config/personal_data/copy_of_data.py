"""The copy of what is held about a person: a ZIP file with one JSON document."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from config.personal_data.people import KnownPerson, rows_of, texts_about
from core.operations.texts_of_a_person import excerpts
from orders.models import OrderLine, PaymentOperation

FILE = "personal-data.json"


def copy_of_data(person: KnownPerson) -> bytes:
    """Return the bytes of the ZIP file: the rows about a person, and the lines that name them.

    Of texts that name others, too, as files that were imported, only the lines about the person.
    """
    keys = [order.pk for order in person.orders]
    rows = {label: _rows(found) for label, found in rows_of(*person.emails).items()}
    rows["orders.OrderLine"] = _rows(OrderLine.objects.filter(order__in=keys))
    operations = PaymentOperation.objects.filter(payment__order__in=keys)
    rows["orders.PaymentOperation"] = _rows(operations)
    texts = [
        {
            "model": label,
            "field": name,
            "lines": [line for value in values for line in excerpts(value, person.pattern)],
        }
        for label, name, values in texts_about(person.pattern)
    ]
    document = {
        "email": ", ".join(person.emails),
        "rows": {label: found for label, found in rows.items() if found},
        "texts": texts,
    }
    written = json.dumps(document, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as packed:
        packed.writestr(FILE, written)
    return file.getvalue()


def _rows(found: QuerySet[Any]) -> list[dict[str, Any]]:
    return list(found.order_by("pk").values())
