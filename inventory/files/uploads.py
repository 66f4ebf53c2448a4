"""From the bytes of an upload, whatever it is called, to text."""

from dataclasses import dataclass

from inventory.files import spreadsheets
from inventory.files.problems import FileError
from inventory.files.reading import EMPTY, check_size, decode

CSV = "CSV"


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload is (CSV, XLSX or ODS), and its rows as the text of a CSV."""

    kind: str
    text: str


def read_upload(content: bytes, *, limit: int) -> Upload:
    """Return the text of an upload of at most ``limit`` bytes, recognized by its content.

    :raises FileError: when it is nothing that can be read, with what to do.
    """
    if not spreadsheets.looks_like_office(content):
        return Upload(CSV, decode(content, limit=limit))
    check_size(content, limit=limit)
    kind = spreadsheets.kind_of(content)
    text = spreadsheets.text_of_sheet(content, kind=kind, limit=limit)
    if not text.strip(", \r\n"):
        raise FileError(EMPTY)
    return Upload(kind, text)
