"""From the bytes of an upload to text: CSV, or a spreadsheet (.xlsx or .ods) by its content."""

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from core.text import gettext_noop as _
from inventory.files import sheet_program
from inventory.files.findings import FileError
from inventory.files.sheet import EMPTY, check_size, decode

PROGRAM = Path(sheet_program.__file__)
SECONDS = 120
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
OLD_OFFICE_MARK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
XLSX = "XLSX"
ODS = "ODS"
CSV = "CSV"

PROTECTED = _(
    "This spreadsheet is protected with a password, so it cannot be read. Save it without the "
    "password and upload it again."
)
OLD_OFFICE = _(
    "This is an old Excel workbook (.xls). Save it as an Excel workbook (.xlsx) or as CSV with "
    "the encoding UTF-8, and upload that."
)
NO_SPREADSHEET = _(
    "This is a zip file without a spreadsheet in it. Upload the .xlsx, .ods or CSV file itself."
)
BROKEN = _(
    "This spreadsheet (.%(kind)s) is broken and cannot be read. Open it in your spreadsheet "
    "program, save it again and upload it."
)
TOO_LARGE = _(
    "This spreadsheet (.%(kind)s) is too large to be read: unpacked it has more data or cells "
    "than are allowed. Delete empty rows and columns, split it in parts, or save it as CSV."
)
NO_SHEET = _("This spreadsheet (.%(kind)s) has no visible sheet. Put the rows on its first sheet.")
MESSAGES = {
    sheet_program.PROTECTED: PROTECTED,
    sheet_program.TOO_LARGE: TOO_LARGE,
    sheet_program.NO_SHEET: NO_SHEET,
}


def looks_like_office(content: bytes) -> bool:
    """Whether the content, by its first bytes, is a zip archive or an old Office file."""
    return content.startswith((*ZIP_MARKS, OLD_OFFICE_MARK))


def kind_of(content: bytes) -> str:
    """Return XLSX or ODS.

    :raises FileError: for other Office files and archives, and for one that is broken.
    """
    if content.startswith(OLD_OFFICE_MARK):
        raise FileError(PROTECTED if ENCRYPTED_PACKAGE in content else OLD_OFFICE)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if any(name.startswith("xl/") for name in names):
                return XLSX
            if "mimetype" in names and archive.getinfo("mimetype").file_size <= len(ODS_TYPE) + 9:
                kind = archive.read("mimetype").strip()
                if kind in (ODS_TYPE, ODS_TYPE + b"-template"):
                    return ODS
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise FileError(BROKEN, kind=XLSX.lower()) from error
    raise FileError(NO_SPREADSHEET)


def text_of_sheet(content: bytes, *, kind: str, limit: int) -> str:
    """Return the first visible sheet of a spreadsheet as CSV with commas, a line a row.

    Another process reads it, within limits of memory and time.

    :raises FileError: for one that is broken, protected, or larger than ``limit`` bytes of text.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PROGRAM), str(limit)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileError(TOO_LARGE, kind=kind.lower()) from error
    if done.returncode:
        ended_by_limit = done.returncode < 0
        message = TOO_LARGE if ended_by_limit else MESSAGES.get(done.returncode, BROKEN)
        raise FileError(message, kind=kind.lower())
    return done.stdout.decode()


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload is (CSV, XLSX or ODS), and its rows as the text of a CSV."""

    kind: str
    text: str


def read_upload(content: bytes, *, limit: int) -> Upload:
    """Return the text of an upload of at most ``limit`` bytes, recognized by its content.

    :raises FileError: when it is nothing that can be read, with what to do.
    """
    if not looks_like_office(content):
        return Upload(CSV, decode(content, limit=limit))
    check_size(content, limit=limit)
    kind = kind_of(content)
    text = text_of_sheet(content, kind=kind, limit=limit)
    if not text.strip(", \r\n"):
        raise FileError(EMPTY)
    return Upload(kind, text)
