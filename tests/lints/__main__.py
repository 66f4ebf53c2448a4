"""Checks of the source that no linter has; prints a line for each finding. Needs no services."""

import os
import sys

import django


def main() -> int:
    """Return 1 if there are findings."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # The names of jobs are read from the project, which needs Django.
    from tests.lints import (  # noqa: PLC0415
        catalogues,
        field_nouns,
        labels,
        modules,
        names,
        plain_words,
        purposes,
        same_names,
        statements,
        translations,
        typography,
        written_forms,
    )

    lints = (
        modules,
        purposes,
        names,
        field_nouns,
        same_names,
        statements,
        translations,
        catalogues,
        labels,
        typography,
        plain_words,
        written_forms,
    )
    found = [sentence for lint in lints for sentence in lint.findings()]
    for sentence in found:
        sys.stderr.write(f"{sentence}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
