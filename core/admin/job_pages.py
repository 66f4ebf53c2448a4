"""What a job came to, by kind of job: told on its page, or shown on another."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from core.models import Job


@dataclass(frozen=True, slots=True)
class ResultPage:
    """The page of what a kind of job is about, and what the job came to, in sentences."""

    label: str | Promise
    address: Callable[[Job], str]
    sentences: Callable[[Job], list[str]] | None


_pages: dict[str, ResultPage] = {}


def show_result(
    kind: str,
    label: str | Promise,
    address: Callable[[Job], str],
    sentences: Callable[[Job], list[str]] | None = None,
) -> None:
    """Link the page of each job of ``kind`` to the one at ``address``; called as admins load.

    ``sentences`` tell on the job's page what it came to: they read its result, which may be of a
    part of it.
    """
    _pages[kind] = ResultPage(label, address, sentences)


def result_link(job: Job) -> dict[str, str] | None:
    """Return the link from the job to what it is about, if there is a page of it."""
    page = _pages.get(job.kind)
    return None if page is None else {"label": str(page.label), "url": page.address(job)}


def told_of(job: Job) -> list[str]:
    """Return what a job that is over came to, a sentence each; none if nobody tells."""
    page = _pages.get(job.kind)
    return page.sentences(job) if page and page.sentences and job.is_finished else []
