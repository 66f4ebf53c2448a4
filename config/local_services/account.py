"""The account that PostgreSQL runs as: it refuses root, so root lends it an unprivileged one."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from config.local_services.errors import LocalServiceError

CANDIDATES = ("postgres", "nobody")
STAND_INS = Path("/var/tmp")  # noqa: S108 - survives a restart, and every account reaches it.


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL; no name where this process may run it itself."""

    name: str | None = None
    group_id: int = 0

    def popen_options(self) -> dict[str, Any]:
        """Return what ``subprocess`` needs to run as this account."""
        if self.name is None:
            return {}
        return {"user": self.name, "group": self.group_id, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Whether this account can open ``path``, whatever the folders above it allow."""
        check = subprocess.run(
            ["/usr/bin/test", "-r", str(path)], cwd="/", check=False, **self.popen_options()
        )
        return check.returncode == 0

    def own(self, path: Path) -> None:
        """Hand ``path`` to this account."""
        if self.name is not None:
            os.chown(path, pwd.getpwnam(self.name).pw_uid, self.group_id)


def server_account() -> Account:
    """Return the account to run PostgreSQL as: this process's own, unless that is root."""
    if os.geteuid() != 0:
        return Account()
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_gid)
    raise LocalServiceError(
        "PostgreSQL refuses to run as root and there is no account postgres or nobody to run it: "
        "set DATABASE_URL, or start this as another user."
    )


def private_folder(folder: Path) -> Path:
    """Return the folder that stands in for ``folder`` where the account cannot reach it."""
    digest = sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    return STAND_INS / f"backoffice-{digest}"


def readable_programs(programs: Path, account: Account, stand_in: Path) -> Path:
    """Return ``programs``, or a private copy of the installation where the account cannot read it.

    The modes of the folders above are never changed. A wheel keeps the libraries that its
    programs load in a folder beside the package, found by its path relative to them.
    """
    if account.reaches(programs / "postgres"):
        return programs
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    copy = stand_in / "programs"
    if not copy.exists():
        unfinished = stand_in / "programs.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            programs.parent, unfinished / package.name / programs.parent.name, symlinks=True
        )
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.rename(copy)
    return copy / package.name / programs.parent.name / programs.name
