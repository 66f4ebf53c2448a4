"""What a SKU and a barcode may be."""

import pytest

from inventory.codes import (
    CodeError,
    check_barcode,
    check_digit,
    check_sku,
    significant,
    spellings,
)


@pytest.mark.parametrize(
    "sku", ["A", "a b", "A/1", "Ä-12", "...", "%2F", "x" * 64, "A?b#c", "'1", "日本"]
)
def test_a_sku_may_be(sku: str) -> None:
    check_sku(sku)


@pytest.mark.parametrize(
    ("sku", "sentence"),
    [
        (" A", "“ A” begins or ends with a space. Remove it."),
        ("A\u00a0", "“A\u00a0” begins or ends with a space. Remove it."),
        ("A\tB", "“A�B” has the character U+0009, which cannot be seen. Remove it."),
        ("A\u200bB", "“A�B” has the character U+200B, which cannot be seen. Remove it."),
        ("\ufeffA", "“�A” has the character U+FEFF, which cannot be seen. Remove it."),
        ("A\u2028B", "“A�B” has the character U+2028, which cannot be seen. Remove it."),
        ("A\u0000", "“A�” has the character U+0000, which cannot be seen. Remove it."),
        ("A,B", "“A,B” has a comma, which separates SKUs in addresses. Use another character."),
        (".", "“.” means a folder in addresses. Use another SKU."),
        ("..", "“..” means a folder in addresses. Use another SKU."),
        ("x" * 65, "The text has 65 characters; at most 64 fit."),
    ],
)
def test_a_sku_may_not_be(sku: str, sentence: str) -> None:
    with pytest.raises(CodeError) as refused:
        check_sku(sku)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    "barcode",
    ["96385074", "036000291452", "4006381333931", "00012345600012", "1234567", "ABC-1", "٩٦٣٨٥٠٧٥"],
)
def test_a_barcode_may_be(barcode: str) -> None:
    check_barcode(barcode)


@pytest.mark.parametrize(
    ("barcode", "right"),
    [("96385075", 4), ("036000291453", 2), ("4006381333932", 1), ("00012345600010", 2)],
)
def test_a_wrong_check_digit_is_refused(barcode: str, right: int) -> None:
    with pytest.raises(CodeError) as refused:
        check_barcode(barcode)

    assert f"the check digit, would be {right}" in str(refused.value)


def test_the_check_digit_of_nothing_is_0() -> None:
    assert check_digit("") == "0"


@pytest.mark.parametrize(
    ("barcode", "forms"),
    [
        ("036000291452", ("036000291452", "0036000291452", "00036000291452")),
        ("0036000291452", ("0036000291452", "036000291452", "00036000291452")),
        ("4006381333931", ("4006381333931", "04006381333931")),
        ("96385074", ("96385074", "000096385074", "0000096385074", "00000096385074")),
        ("0000096385074", ("0000096385074", "96385074", "000096385074", "00000096385074")),
        ("00000000", ("00000000", "000000000000", "0000000000000", "00000000000000")),
        ("96385075", ("96385075",)),
        ("CODE-1", ("CODE-1",)),
        ("012", ("012",)),
    ],
)
def test_a_code_is_read_in_other_forms(barcode: str, forms: tuple[str, ...]) -> None:
    assert spellings(barcode) == forms


@pytest.mark.parametrize(
    ("text", "sought"),
    [
        ("0000096385074", "96385074"),
        ("0036000291452", "36000291452"),
        # No code: an SKU of eight digits is sought as it stands.
        ("00963851", "00963851"),
        ("00000000", "00000000"),
        ("kettle", "kettle"),
    ],
)
def test_a_search_leaves_the_zeros_before_a_code_out(text: str, sought: str) -> None:
    assert significant(text) == sought
