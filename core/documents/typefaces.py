"""The typeface of documents, which comes with the program: every printer prints the same."""

from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).parent / "fonts"
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"

for _name in (REGULAR, BOLD):
    pdfmetrics.registerFont(TTFont(_name, FOLDER / f"{_name}.ttf"))
pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
