"""Local services by command: which commands need which."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

# These read or stop what is there. Django's own help reads the settings too.
NEED_NONE = {"check", "help", "services", "version", "--help", "--version", "-h"}
# These change tables, which the owner of the database does.
OF_OWNER = {"migrate", "database_roles"}
# These stop what they started.
STOP_THEIRS = {"up", "testserver"}


def starts_nothing(arguments: Sequence[str]) -> bool:
    """Whether the program called with ``arguments`` (``sys.argv``) starts no local services."""
    return _is_manage(arguments) and (len(arguments) < 2 or arguments[1] in NEED_NONE)


def is_of_owner(arguments: Sequence[str]) -> bool:
    """Whether the program called with ``arguments`` works as the owner of the database."""
    return _is_manage(arguments) and not OF_OWNER.isdisjoint(arguments[1:2])


def builds_image(arguments: Sequence[str]) -> bool:
    """Whether the program called with ``arguments`` only collects static files."""
    return _is_manage(arguments) and arguments[1:2] == ["collectstatic"]


def start_notice(arguments: Sequence[str]) -> Callable[[str], None] | None:
    """Return how to say that a service was started and stays; None where it does not stay."""
    if not _is_manage(arguments) or arguments[1] in STOP_THEIRS:
        return None

    def tell(name: str) -> None:
        sys.stderr.write(
            f"{name} was started for this checkout and stays up; manage.py services stop ends it.\n"
        )

    return tell


def _is_manage(arguments: Sequence[str]) -> bool:
    return bool(arguments) and Path(arguments[0]).name == "manage.py"
