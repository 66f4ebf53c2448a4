"""From rows of texts to a spreadsheet (.xlsx or .ods) of one sheet. PURE."""

import re
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.sax.saxutils import escape, quoteattr

# A text that is read again the same when a spreadsheet keeps it as a number.
NUMBER = re.compile(r"-?(0|[1-9]\d{0,10})(\.\d{0,3}[1-9])?\Z", re.ASCII)
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
SHEET_NAME = "Rows"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FORMAT = "application/vnd.openxmlformats-"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"

XLSX_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{FORMAT}package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        f'ContentType="{FORMAT}officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        f'ContentType="{FORMAT}officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{SHEET_NAME}" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
XLSX_SHEET = f'<worksheet xmlns="{MAIN}"><sheetData>%s</sheetData></worksheet>'
ODS_PARTS = {
    "mimetype": ODS_TYPE,
    "META-INF/manifest.xml": (
        f'<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0" manifest:version="1.2">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS_TYPE}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    ),
}
ODS_CONTENT = (
    f'<office:document-content xmlns:office="{OASIS}:office:1.0" '
    f'xmlns:table="{OASIS}:table:1.0" xmlns:text="{OASIS}:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
    f'<table:table table:name="{SHEET_NAME}">%s</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'


def xlsx_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook; numbers that stay the same are numbers, all else is text."""
    sheet = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
    return _archive({**XLSX_PARTS, "xl/worksheets/sheet1.xml": XLSX_SHEET % sheet})


def ods_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return an OpenDocument spreadsheet, as :func:`xlsx_of`."""
    table = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    return _archive({**ODS_PARTS, "content.xml": ODS_CONTENT % table})


def _xlsx_cell(text: str) -> str:
    if NUMBER.match(text):
        return f"<c><v>{text}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{_clean(text)}</t></is></c>'


def _ods_cell(text: str) -> str:
    if NUMBER.match(text):
        kind = f'office:value-type="float" office:value={quoteattr(text)}'
    else:
        kind = 'office:value-type="string"'
    lines = "".join(f"<text:p>{_clean(line)}</text:p>" for line in text.split("\n"))
    return f"<table:table-cell {kind}>{lines}</table:table-cell>"


def _clean(text: str) -> str:
    return escape(NO_XML.sub("", text))


def _archive(parts: dict[str, str]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            text = DECLARATION + part if part.startswith("<") else part
            stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(name, text, compress_type=stored)
    return content.getvalue()
