"""Documents as answers, on pages as over the HTTP API."""

from django.http import HttpResponse

PDF = "application/pdf"


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF, to be shown and kept under ``name``; it is kept in no cache."""
    headers = {
        "Content-Disposition": f'inline; filename="{name}.pdf"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=PDF, headers=headers)
