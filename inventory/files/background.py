"""Files at work: small ones at once, larger ones in a worker."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.acts import Act
from core.models import Job
from core.operations import jobs
from core.text import gettext_noop
from inventory.files import imports
from inventory.models import ImportFile, InventoryConfiguration
from inventory.ports import HeldUnitsError

CHECK = "inventory.check_file"
WRITE = "inventory.write_file"
KINDS = (CHECK, WRITE)

NOT_WRITABLE = gettext_noop("The file has errors or its text is deleted. Nothing was written.")
# Without their numbers: each reader of the job reads it in another language.
HELD = gettext_noop(
    "Packed shipments or virtual products hold units that the file would take. Nothing was "
    "written. Check the file again to see which."
)


def register_kinds() -> None:
    """Have workers check and write files; called when the apps are ready."""
    jobs.register(CHECK, _("Check of a file"), run_check)
    jobs.register(WRITE, _("Import of a file"), run_write)


def begin_check(file_id: int, act: Act, *, today: date) -> ImportFile:
    """Check a file at once, or have a worker check a large one."""
    if _submit_if_large(file_id, CHECK, act, today=today):
        return ImportFile.objects.get(pk=file_id)
    return imports.check(file_id, today=today, progress=_no_progress)


def confirm(file_id: int, act: Act, *, today: date, good_rows: bool = False) -> ImportFile:
    """Write a checked file at once, or have a worker write a large one.

    ``good_rows`` writes the rows without errors and leaves the others out.
    It raises what :func:`inventory.files.imports.write` raises; a worker notes it on its job.
    """
    if _submit_if_large(file_id, WRITE, act, today=today, good_rows=good_rows):
        return ImportFile.objects.get(pk=file_id)
    return imports.write(file_id, act, today=today, progress=_no_progress, good_rows=good_rows)


def latest_job(file_id: int) -> Job | None:
    """Return the job of the file that was submitted last."""
    mine = Job.objects.filter(kind__in=KINDS, parameters__import_file=file_id)
    return mine.order_by("-pk").first()


def run_check(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Check the file of a job; nothing is written, so it may run twice."""
    file = imports.check(job.parameters["import_file"], today=_today(job), progress=progress)
    return {"state": file.state}


def run_write(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Write the file of a job in one transaction; again, it changes nothing.

    :raises core.operations.jobs.JobError: when nothing was written, with the reason.
    """
    try:
        file = imports.write(
            job.parameters["import_file"],
            Act(job.started_at or job.created_at, job.started_by_id),
            today=_today(job),
            progress=progress,
            good_rows=job.parameters.get("good_rows", False),
        )
    except imports.ImportStateError as error:
        raise jobs.JobError(NOT_WRITABLE) from error
    except HeldUnitsError as error:
        raise jobs.JobError(HELD) from error
    if file.state != ImportFile.State.WRITTEN:
        raise jobs.JobError(file.message)
    return {"state": file.state}


def _submit_if_large(
    file_id: int,
    kind: str,
    act: Act,
    *,
    today: date,
    good_rows: bool = False,
) -> bool:
    """Submit a job if the file is large and has none yet; opens the transaction."""
    limit = InventoryConfiguration.load().in_force("bulk_batch_size")
    with transaction.atomic():
        file = ImportFile.objects.select_for_update().get(pk=file_id)
        if file.row_count <= limit or file.state == ImportFile.State.WRITTEN:
            return False
        job = latest_job(file_id)
        if job is None or job.is_finished:
            jobs.submit(
                act,
                kind=kind,
                parameters={
                    "import_file": file_id,
                    "today": today.isoformat(),
                    "good_rows": good_rows,
                },
                total=file.row_count,
            )
    return True


def _today(job: Job) -> date:
    return date.fromisoformat(job.parameters["today"])


def _no_progress(_count: int) -> None:
    """Report nothing: the file is written at once."""
