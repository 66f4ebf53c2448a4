"""The paper that documents are printed on."""

from enum import StrEnum

from reportlab.lib.pagesizes import A4, LETTER

# Where printers hold US letter (CLDR, measurement data: paper size).
LETTER_COUNTRIES = frozenset(
    (
        *("BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI"),
        *("PA", "PH", "PR", "SV", "US", "VE"),
    )
)


class Paper(StrEnum):
    A4 = "A4"
    LETTER = "LETTER"

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points, 1/72 inch."""
        width, height = A4 if self is Paper.A4 else LETTER
        return width, height


def paper_in(country: str) -> Paper:
    """Return the usual paper in a country, by its ISO 3166 code; A4 where none is known."""
    return Paper.LETTER if country in LETTER_COUNTRIES else Paper.A4
