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
