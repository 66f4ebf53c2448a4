"""The guides name what the product has, in each language; troubleshooting has every reason."""

import re
from pathlib import Path

import pytest

from fulfillment.release.planning.values import WaitReason
from fulfillment.review.reasons import REASONS
from inventory.salability import Reason
from tests.lints import typography
from tests.lints.labels import differences, findings, labels_of

pytestmark = pytest.mark.pure

DOCS = Path(__file__).resolve().parents[2] / "docs"
TROUBLESHOOTING = DOCS / "troubleshooting.md"


def codes(heading: str) -> dict[str, str]:
    """Return what one sees, by the code, in the table below a heading."""
    (_, part) = TROUBLESHOOTING.read_text().split(f"## {heading}\n")
    rows = re.findall(r"^\| (.+?) \| `([A-Z_]+)` \|", part.split("\n## ")[0], re.MULTILINE)
    return {code: seen for seen, code in rows}


def test_every_reason_why_a_shipment_waits_is_explained_by_its_name() -> None:
    assert codes("Why is it not released?") == {
        reason.value: str(REASONS[reason.value].label) for reason in WaitReason
    }


def test_every_reason_why_a_product_is_not_salable_is_explained() -> None:
    assert set(codes("Why is it not salable?")) == {reason.value for reason in Reason}


def test_every_label_of_a_guide_is_the_products_own() -> None:
    assert list(findings()) == []


def test_a_label_ends_with_its_line_or_goes_on() -> None:
    text = "Open **Settings › Configuration** and press **Save\n   view**, *not* this."

    assert labels_of(text) == {"Settings", "Configuration", "Save view"}


def test_a_label_that_is_wrong_or_missing_in_another_language_is_found() -> None:
    page = DOCS / "guides" / "viewer.sv.md"
    said = {"Save": frozenset({"Spara"}), "Dashboard": frozenset({"Instrumentpanel"})}

    found = list(differences(page, {"Save", "Dashboard"}, said))

    assert "docs/guides/viewer.sv.md: “Save” is missing: **Spara**" in found
    assert not any("Instrumentpanel" in line for line in found)
    assert (
        "docs/guides/viewer.sv.md: **Leveranser** is the translation of no label of the English "
        "page"
    ) in found


def test_every_translated_page_is_written_as_its_language_is() -> None:
    assert list(typography.findings()) == []


def test_a_page_written_as_another_language_is_found() -> None:
    french = "Lisez l'[API](api.md) d'`Accept` ; « bien »\u00a0: \u00ab\u00a0bon\u00a0\u00bb."

    assert [why for _text, why in typography.faults_of(french, "fr")] == [
        "the space is a no-break space",
        "the space is a no-break space",
        "the space is a no-break space",
        "the apostrophe is ’",
        "the apostrophe is ’",
    ]
    assert list(typography.faults_of("Skriv ”ja” på `it's`.", "sv")) == []
