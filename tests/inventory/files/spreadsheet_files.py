"""Spreadsheets as programs write them, part by part: the least that is one."""

import zipfile
from io import BytesIO
from typing import Any

XLSX_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Notes" sheetId="1" state="hidden" r:id="r1"/>'
        '<sheet name="Rows" sheetId="2" r:id="r2"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        '<Relationship Id="r2" Target="worksheets/sheet2.xml" Type="http://schemas.'
        'openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        '<Relationship Id="r3" Target="styles.xml" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/styles"/></Relationships>'
    ),
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
        "</styleSheet>"
    ),
    "xl/worksheets/sheet1.xml": "",
    "xl/worksheets/sheet2.xml": "",
}
ODS_PARTS = {
    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
    "META-INF/manifest.xml": (
        "<manifest:manifest "
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
        "</manifest:manifest>"
    ),
}
ODS_CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="Rows">%s</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>%s</sheetData></worksheet>"
)


def archive(parts: dict[Any, Any]) -> Any:
    """A zip of texts (or bytes) by name."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()


def xlsx_of_xml(rows: str, *, without: Any = ()) -> Any:
    """A workbook with a hidden sheet, and then one with these rows of XML."""
    sheets = {"xl/worksheets/sheet1.xml": SHEET % "", "xl/worksheets/sheet2.xml": SHEET % rows}
    parts = {**XLSX_PARTS, **sheets}
    return archive({name: part for name, part in parts.items() if name not in without})


def xlsx(rows: Any) -> Any:
    """A workbook of rows: texts are texts, numbers are numbers; None leaves a cell out."""
    return xlsx_of_xml(
        "".join(
            f'<row r="{number}">'
            + "".join(
                _xlsx_cell(f"{chr(65 + position)}{number}", value)
                for position, value in enumerate(row)
                if value is not None
            )
            + "</row>"
            for number, row in enumerate(rows, start=1)
        )
    )


def _xlsx_cell(cell: str, value: Any) -> str:
    if isinstance(value, str):
        return f'<c r="{cell}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{cell}"><v>{value}</v></c>'


def ods(rows: Any) -> Any:
    """An OpenDocument spreadsheet of rows, as :func:`xlsx`."""
    cells = (
        "<table:table-row>" + "".join(map(_ods_cell, row)) + "</table:table-row>" for row in rows
    )
    return archive({**ODS_PARTS, "content.xml": ODS_CONTENT % "".join(cells)})


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, str):
        kind = 'office:value-type="string"'
    else:
        kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
