"""What a job came to, by kind of job: told on its page, or shown on another."""

from collections.abc import Callable

from django.utils.functional import Promise

from core.models import Job

Address = Callable[[Job], str]
Told = Callable[[Job], list[str]]

_pages: dict[str, tuple[str | Promise, Address]] = {}
_told: dict[str, Told] = {}


def show_result(kind: str, label: str | Promise, address: Address) -> None:
    """Link the page of each job of ``kind`` to the one at ``address``; called as admins load."""
    _pages[kind] = (label, address)


def result_link(job: Job) -> dict[str, str] | None:
    """Return the link from the job to what it is about, if there is a page of it."""
    if job.kind not in _pages:
        return None
    label, address = _pages[job.kind]
    return {"label": str(label), "url": address(job)}


def tell_result(kind: str, told: Told) -> None:
    """Tell on the page of each job of ``kind`` what it came to; called as admins load.

    ``told`` reads the job's result, which may be of a part of it, and returns sentences.
    """
    _told[kind] = told


def told_of(job: Job) -> list[str]:
    """Return what a job that is over came to, a sentence each; none if nobody tells."""
    return _told[job.kind](job) if job.is_finished and job.kind in _told else []
