"""Where the pages are that show what a job came to, by kind of job."""

from collections.abc import Callable

from django.utils.functional import Promise

from inventory.models import Job

Address = Callable[[Job], str]

_pages: dict[str, tuple[str | Promise, Address]] = {}


def show_result(kind: str, label: str | Promise, address: Address) -> None:
    """Link the page of each job of ``kind`` to the one at ``address``; called as admins load."""
    _pages[kind] = (label, address)


def result_link(job: Job) -> dict[str, str] | None:
    """Return the link from the job to what it is about, if there is a page of it."""
    if job.kind not in _pages:
        return None
    label, address = _pages[job.kind]
    return {"label": str(label), "url": address(job)}
