"""What goes wrong with local services, in one sentence for people."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LocalServiceError(Exception):
    """A local service cannot be had; the message is one sentence that says what and what to do."""


REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "it may not be written to",
    errno.EPERM: "it may not be written to",
    errno.EEXIST: "a file is in its place",
    errno.ENOTDIR: "a file is in its place",
}


# What programs write where their disk is full, and lines that name a cause rather than a step.
DISK_FULL = ("No space left on device", "Disk quota exceeded")
CAUSES = ("FATAL", "PANIC", "ERROR", "error:", "could not")


def cause(output: str) -> str:
    """Return why a program failed, in one line of its ``output``: the disk first, if it is full.

    Programs end with what they did about a failure; what caused it stands above.
    """
    lines = [line.strip() for line in output.strip().splitlines() if line.strip()]
    for line in lines:
        if any(words in line for words in DISK_FULL):
            return f"the disk is full ({line})"
    causes = [line for line in lines if any(word in line for word in CAUSES)]
    return (causes or lines or ["no reason given"])[-1].rstrip(".")


def cause_in(log: Path, known: int, code: int) -> str:
    """Return why a server did not start, from what its ``log`` has beyond ``known`` bytes; without
    a word there, its exit ``code``."""
    written = log.read_bytes()[known:].decode(errors="replace") if log.exists() else ""
    return cause(written) if written.strip() else f"exit code {code}"


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses into one sentence that names ``folder``."""
    try:
        yield
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise LocalServiceError(
            f"Local services keep their data in {folder}, but {reason}; put that right, or set "
            f"DATABASE_URL and REDIS_URL."
        ) from error
