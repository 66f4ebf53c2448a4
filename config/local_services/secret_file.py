"""Secrets that are made once, readable by their owner alone."""

import os
import secrets
from pathlib import Path


def secret_in(file: Path) -> str:
    """Return the secret kept in ``file``, made (mode 0600) if it is not there yet."""
    try:
        return file.read_text()
    except FileNotFoundError:
        secret = secrets.token_urlsafe(48)
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as handle:
            handle.write(secret)
        return secret
