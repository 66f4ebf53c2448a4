"""The database and the program read a barcode as the same code, or both as another."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inventory.codes import GTIN_LENGTHS, check_digit, spellings
from inventory.models import Product
from inventory.models.barcode_key import barcode_key
from tests.factories.inventory import ProductFactory

pytestmark = pytest.mark.django_db
ARE_THE_SAME = f"""
SELECT {barcode_key("one")} = {barcode_key("other")}
FROM (SELECT %s::text, %s::text) AS two(one, other)
"""  # noqa: S608 - constants
DIGITS = st.text("0123456789", min_size=1, max_size=15)
# As many figures as codes have, many of them with zeros first.
PLAIN = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", max_size=length).map(lambda text: text.zfill(length))
)
GTINS = PLAIN.map(lambda digits: digits + check_digit(digits))
SPELT = GTINS.flatmap(lambda code: st.sampled_from(spellings(code)))
OTHERS = st.text("012 \t\nA-٣²", max_size=14)
BARCODES = st.one_of(DIGITS, GTINS, SPELT, OTHERS)
# A barcode, and what is easily taken for it.
PAIRS = BARCODES.flatmap(
    lambda one: st.tuples(
        st.just(one),
        st.one_of(
            st.sampled_from(spellings(one)),
            st.sampled_from([one.lstrip("0"), f" {one}", f"{one} ", f"{one}\n", f"0{one}"]),
            st.sampled_from([one.lstrip("0").zfill(length) for length in GTIN_LENGTHS]),
            BARCODES,
        ),
    )
)


@settings(
    max_examples=1000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(PAIRS)
@example(("96385075", "000096385075"))
@example(("96385074", " 96385074"))
@example(("96385074", "000096385074"))
@example(("036000291452", "0036000291452"))
@example(("4006381333931", "04006381333931"))
@example(("00000000", "00000000000000"))
@example(("0", "00"))
def test_database_and_program_agree_on_what_is_one_code(pair: tuple[str, str]) -> None:
    one, other = pair
    with connection.cursor() as cursor:
        cursor.execute(ARE_THE_SAME, pair)
        [are_the_same] = cursor.fetchone()

    assert are_the_same == (other in spellings(one)) == (one in spellings(other))


@pytest.mark.parametrize(
    ("stored", "new", "is_another"),
    [
        ("96385074", "0000096385074", False),
        ("036000291452", "00036000291452", False),
        # A number of the house, from before check digits were looked at.
        ("96385075", "000096385075", True),
        ("96385074", "96385074 A", True),
    ],
)
def test_a_product_has_a_code_alone(stored: str, new: str, *, is_another: bool) -> None:
    ProductFactory(barcode=stored)
    second: Any = ProductFactory()

    def store() -> None:
        with transaction.atomic():
            Product.objects.filter(pk=second.pk).update(barcode=new)

    if is_another:
        store()
    else:
        with pytest.raises(IntegrityError, match="product_barcode_once"):
            store()
