"""The page of the licenses of the packages that production installs."""

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

from docs.tables import table

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"
# Without those that only some platforms install.
PACKAGE = re.compile(r"^([a-z0-9-]+)==\S+ \\$", re.MULTILINE)
# How packages write the same license.
NAMES = {
    "BSD": "BSD",
    "BSD License": "BSD",
    "BSD license": "BSD",
    "New BSD": "BSD-3-Clause",
    "MIT License": "MIT",
    "LGPLv3": "LGPL-3.0",
    # It states its text in place of a name.
    "Copyright (c) 2018 Yubico AB": "BSD-2-Clause AND Apache-2.0 AND MPL-2.0",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "BSD 3-Clause OR Apache-2.0": "BSD-3-Clause OR Apache-2.0",
}
INTRODUCTION = """\
The product is under the [BSD 3-Clause license](../license.md), as Django, Celery and the REST
framework are. Every package that production installs allows that: most have a permissive license;
psycopg and python-crontab have the LGPL, and certifi and a part of fido2 the MPL, which let every
program use them as libraries, as this one does, unchanged. Whoever passes on an image passes on
these packages too, each under its own license.
"""


def page() -> str:
    """Return the page's text below its title."""
    rows = [(f"`{name}`", license_of(name)) for name in packages()]
    return f"{INTRODUCTION}\n{table(('Package', 'License'), rows)}\n"


def packages() -> list[str]:
    """Return the names of the packages that production installs everywhere."""
    return PACKAGE.findall(LOCK.read_text(encoding="utf-8"))


def license_of(name: str) -> str:
    """Return the license that a package names, as SPDX writes it where the package says so much."""
    said = metadata(name)
    stated = [*_all(said, "License-Expression"), *_all(said, "License"), *_classified(said)]
    first = next((text for text in stated if text), "").partition("\n")[0].partition(" (see ")[0]
    return NAMES.get(first, first)


def _classified(said: PackageMetadata) -> list[str]:
    kinds = [each for each in _all(said, "Classifier") if each.startswith("License ::")]
    return [kind.rpartition(" :: ")[2] for kind in kinds]


def _all(said: PackageMetadata, name: str) -> list[str]:
    return said.get_all(name) or []
