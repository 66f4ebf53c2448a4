"""What the page of an imported file shows: what it would do, what is wrong with it, in parts."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from core.admin.theme import INPUT_CLASS
from inventory.admin.bulk.touched import part_of
from inventory.admin.file_access import LISTS, upload_page
from inventory.admin.file_lists import ACCEPTED
from inventory.admin.file_words import (
    counts_in_words,
    fallen_back_title,
    ignored_in_words,
    job_in_words,
    problems_in_words,
    state_in_words,
    steps_in_words,
    unlisted_in_words,
)
from inventory.files import background
from inventory.files.findings import Findings, findings_from
from inventory.files.formats import FORMATS
from inventory.models import ImportFile

State = ImportFile.State
PAGE_SIZE = 50


def page_of_file(request: HttpRequest, file: Any) -> dict[str, Any]:
    """Return what the page of a file shows, in words; ``file`` says whether it has its text."""
    findings = findings_from(file.findings)
    job = background.latest_job(file.pk)
    is_busy = job is not None and not job.is_finished
    is_writable = file.state == State.CHECKED or (
        file.state == State.REFUSED and findings.has_good_rows
    )
    return {
        "file": file,
        "has_behaviors": len(FORMATS[file.format].behaviors) > 1,
        "findings": findings,
        "sentence": state_in_words(file, findings),
        "message": gettext(file.message) if file.message else "",
        "counts": counts_in_words(findings),
        "ignored": ignored_in_words(file, findings),
        "unlisted": unlisted_in_words(findings),
        **_lists_of(request, file, findings, has_steps=is_writable),
        "is_busy": is_busy,
        "is_ready": is_writable and file.has_text and not is_busy,
        "good_count": findings.touched_count + findings.unchanged_count,
        "has_good_rows": findings.has_good_rows,
        "has_refused_rows": bool(findings.refused_lines) and file.has_text,
        "upload_url": upload_page(file.format),
        "accepted": ACCEPTED,
        "input_class": INPUT_CLASS,
        "step": 4 if file.state == State.WRITTEN or is_busy else 3,
        "job": job_in_words(job),
        "list_url": reverse(LISTS[file.format]),
    }


def _lists_of(
    request: HttpRequest, file: Any, findings: Findings, *, has_steps: bool
) -> dict[str, Any]:
    """Return a page of each list, and the addresses of its other pages."""
    problems, problem_pages = part_of(request, "errors", findings.problems, size=PAGE_SIZE)
    notices, notice_pages = part_of(request, "notices", findings.notices, size=PAGE_SIZE)
    fallen_back, fallen_back_pages = part_of(
        request, "shipments", findings.fallen_back, size=PAGE_SIZE
    )
    steps = file.steps.order_by("line") if has_steps else file.steps.none()
    count = findings.touched_count
    shown, step_pages = part_of(request, "page", steps, size=PAGE_SIZE, count=count)
    return {
        "problems": problems_in_words(problems),
        "problem_pages": problem_pages,
        "notices": problems_in_words(notices),
        "notice_pages": notice_pages,
        "fallen_back": fallen_back,
        "fallen_back_pages": fallen_back_pages,
        "fallen_back_title": fallen_back_title(file, len(findings.fallen_back)),
        "steps": steps_in_words(shown),
        "step_pages": step_pages,
    }
