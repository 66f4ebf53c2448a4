"""The page of an imported file, its effects in words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.admin.page_numbers import part_of
from core.admin.theme import INPUT_CLASS
from core.formats import filled, labelled, reader_signs, whole
from core.models import Job
from inventory.admin.file_access import LISTS, upload_page
from inventory.admin.file_lists import ACCEPTED
from inventory.files import background
from inventory.files.file_formats import FORMATS
from inventory.files.findings import Findings, RowProblem, findings_from
from inventory.models import ImportFile, ImportStep

State = ImportFile.State
PAGE_SIZE = 50

COUNTS = {
    "new_count": pgettext_lazy("rows", "New"),
    "changed_count": pgettext_lazy("rows", "Changed"),
    "unchanged_count": pgettext_lazy("rows", "Unchanged"),
    "deleted_count": pgettext_lazy("rows", "Deleted"),
    "skipped_count": pgettext_lazy("rows", "Skipped"),
    "refused_row_count": _("With errors"),
}
EXPLANATIONS: Mapping[str, Any] = {
    ImportFile.Format.STOCK_SOURCES: _("Quantity and status of each product at each source."),
    ImportFile.Format.PRODUCTS: _("Products with their price, quantity and stock options."),
    ImportFile.Format.FUTURE_SUPPLY: _("Units that are expected at a source, and when."),
    ImportFile.Format.ORDERS: _("Orders from another system, a row for each line."),
    ImportFile.Format.PARCELS: _("Tracking numbers of shipments that have left."),
}
NUMBER = re.compile(r"-?\d+\.\d+")
# What looks like a number in these columns is a text.
TEXT_COLUMNS = {"barcode", "name", "reference", "sku", "tracking"}
ALWAYS_SHOWN = {"new_count", "changed_count", "unchanged_count", "refused_row_count"}


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


def state_in_words(file: Any, findings: Findings) -> str:
    """Return where the file stands, as a sentence."""
    match file.state:
        case State.CHECKING:
            return gettext("The file is being checked. Nothing is written.")
        case State.REFUSED if findings.has_good_rows:
            return gettext(
                "Some rows have errors, and nothing is written yet. Correct the file and upload "
                "it again, or write the rows without errors now."
            )
        case State.REFUSED:
            return gettext(
                "The file has errors. Nothing is written. Correct it and upload it again."
            )
        case State.WRITTEN if findings.refused_row_count:
            return ngettext(
                "The file is written, except for %(count)d row with errors.",
                "The file is written, except for %(count)d rows with errors.",
                findings.refused_row_count,
            ) % {"count": findings.refused_row_count}
        case State.WRITTEN:
            return gettext("The file is written.")
    if not file.has_text:
        return gettext("The file was never written, and its text is deleted by now.")
    if not findings.new_count + findings.changed_count + findings.deleted_count:
        return gettext("The file would change nothing.")
    return gettext("Nothing is written yet. Check the preview, then confirm it.")


def counts_in_words(findings: Findings) -> list[dict[str, Any]]:
    """Return the counts of rows with their labels; those that are rare only if there are any."""
    return [
        {"name": name, "label": label, "value": getattr(findings, name)}
        for name, label in COUNTS.items()
        if name in ALWAYS_SHOWN or getattr(findings, name)
    ]


def problems_in_words(problems: Sequence[RowProblem]) -> list[dict[str, Any]]:
    """Return problems as the table of errors shows them."""
    return [
        {
            "line": problem.line,
            "column": problem.column,
            "value": problem.value,
            "sentence": filled(problem.message, problem.values),
        }
        for problem in problems
    ]


def faults_in_words(findings: Findings) -> dict[int, str]:
    """Return what is wrong with each row that an import leaves out, by its line."""
    faults: dict[int, list[str]] = {line: [] for line in findings.refused_lines}
    for problem in problems_in_words(findings.problems):
        column, said = problem["column"], problem["sentence"]
        faults.setdefault(problem["line"], []).append(labelled(column, said) if column else said)
    if findings.problem_count > len(findings.problems):
        silent = gettext("There are more errors than are listed. Correct the others first.")
    else:
        silent = gettext("Another row that is written together with this one has an error.")
    return {line: " | ".join(said) or silent for line, said in faults.items()}


def ignored_in_words(file: Any, findings: Findings) -> list[str]:
    """Return which columns are not read, and what to call those with another name."""
    other_names = FORMATS[file.format].other_names
    said = [
        gettext("The column %(column)s is not read: use %(other)s.")
        % {"column": name, "other": other_names[name]}
        for name in findings.ignored
        if name in other_names
    ]
    unknown = [name for name in findings.ignored if name not in other_names]
    if unknown:
        columns = ", ".join(unknown)
        said.append(gettext("Columns that are not read: %(columns)s.") % {"columns": columns})
    return said


def kinds_in_words(allowed: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return what files may be about, each with its upload page and its columns."""
    return [
        {
            "label": ImportFile.Format(code).label,
            "explanation": EXPLANATIONS[code],
            "columns": FORMATS[code].behaviors[behaviors[0]],
            "url": upload_page(code),
        }
        for code, behaviors in allowed.items()
    ]


def unlisted_in_words(findings: Findings) -> list[str]:
    """Return which rows the table of changes leaves out, and why."""
    unchanged, refused = findings.unchanged_count, findings.refused_row_count
    skipped = findings.skipped_count
    sentences = {
        ngettext(
            "%(count)s row is not listed because it changes nothing.",
            "%(count)s rows are not listed because they change nothing.",
            unchanged,
        ): unchanged,
        ngettext(
            "%(count)s row is not listed because it is left out: it has an error, or is "
            "written together with a row that has one.",
            "%(count)s rows are not listed because they are left out: they have errors, or "
            "are written together with rows that have.",
            refused,
        ): refused,
        ngettext(
            "%(count)s row is not listed because imports skip its type of product.",
            "%(count)s rows are not listed because imports skip their types of product.",
            skipped,
        ): skipped,
    }
    return [sentence % {"count": whole(count)} for sentence, count in sentences.items() if count]


def steps_in_words(steps: Sequence[ImportStep]) -> list[dict[str, Any]]:
    """Return rows that do something as the table of changes shows them."""
    return [
        {
            "line": step.line,
            "name": step.name,
            "kind": step.get_kind_display(),
            "is_new": step.kind == ImportStep.Kind.NEW,
            "cells": [
                {"column": column, "before": _cell(column, before), "after": _cell(column, after)}
                for column, before, after in step.cells
            ],
        }
        for step in steps
    ]


def _cell(column: str, text: str) -> str:
    """Return a cell with its number as the reader's language writes it."""
    is_number = column not in TEXT_COLUMNS and NUMBER.fullmatch(text)
    return reader_signs().example(text) if is_number else text


def fallen_back_title(file: ImportFile, count: int) -> str:
    """Return what becomes of shipments that lose their units or their promise."""
    if file.state == State.WRITTEN:
        return ngettext(
            "%(count)d shipment lost its units and went back to backorder",
            "%(count)d shipments lost their units and went back to backorder",
            count,
        ) % {"count": count}
    return ngettext(
        "%(count)d shipment would lose its units and go back to backorder",
        "%(count)d shipments would lose their units and go back to backorder",
        count,
    ) % {"count": count}


def job_in_words(job: Job | None) -> dict[str, str] | None:
    """Return the link to what a worker does with the file, or why it did not get to an end."""
    if job is None or job.state == Job.State.COMPLETED:
        return None
    told = gettext("Background job: %(state)s") % {"state": job.get_state_display()}
    return {"url": reverse("admin:core_job_progress", args=[job.pk]), "label": told}
