"""Writes the pages of this folder from the code: ``python -m docs.reference.generate``."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import django
from django.utils.translation import override

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """A page: its title, the file that it is made from, and what makes the text below."""

    title: str
    source: str
    text: Callable[[], str]


def pages() -> dict[str, ReferencePage]:
    """Return the pages by their file's name; Django is ready."""
    # They read models, which need Django.
    from docs.reference import (  # noqa: PLC0415
        files,
        jobs,
        licenses,
        metrics,
        options,
        permissions,
        product_columns,
        variables,
    )

    return {
        "options.md": ReferencePage("Options", "inventory/options.py", options.page),
        "files.md": ReferencePage("Columns of files", "inventory/files", files.page),
        "product_columns.md": ReferencePage(
            "Columns of the product file", "inventory/options.py", product_columns.page
        ),
        "permissions.md": ReferencePage("Permissions", "fulfillment/roles.py", permissions.page),
        "jobs.md": ReferencePage(
            "Scheduled jobs", "fulfillment/queries/product_jobs.py", jobs.page
        ),
        "metrics.md": ReferencePage("Metrics", "config/gauges.py", metrics.page),
        "settings.md": ReferencePage("Settings", ".env.example", variables.page),
        "licenses.md": ReferencePage("Licenses", "requirements.lock", licenses.page),
    }


def text_of(page: ReferencePage) -> str:
    """Return a page as it stands in its file."""
    made = f"Generated from `{page.source}` by `make reference`; do not edit."
    with override("en"):
        return f"# {page.title}\n\n{made}\n\n{page.text()}"


def main() -> None:
    """Write every page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for name, page in pages().items():
        (FOLDER / name).write_text(text_of(page), encoding="utf-8")


if __name__ == "__main__":
    main()
