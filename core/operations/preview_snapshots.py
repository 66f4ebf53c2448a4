"""Keeps what a preview showed of each row, so that what changed since can be named."""

import re
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

from django.db import transaction

from core.models import Job, PreviewSnapshot

# How long an unconfirmed preview is kept. Snapshots that a job needs stay.
KEPT = timedelta(days=7)
# What a job calls the snapshot that it compares with.
PARAMETER = "snapshot"
NAME = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)


def keep(rows: Mapping[int, str], *, now: datetime) -> str:
    """Keep what is shown of each row, a text of one line by its key; opens the transaction.

    Returns the name by which :func:`read` finds it. Snapshots that are old are deleted.
    """
    text = "\n".join(f"{key} {row}" for key, row in sorted(rows.items())).encode()
    name = blake2b(text, digest_size=32).hexdigest()
    needed = Job.objects.filter(state__in=Job.UNFINISHED_STATES).values(f"parameters__{PARAMETER}")
    names = {found[f"parameters__{PARAMETER}"] for found in needed}
    with transaction.atomic():
        old = PreviewSnapshot.objects.filter(shown_at__lt=now - KEPT)
        old.exclude(name__in=names - {None}).delete()
        if not PreviewSnapshot.objects.filter(name=name).update(shown_at=now):
            content = zlib.compress(text, level=1)
            made = PreviewSnapshot(name=name, content=content, shown_at=now)
            PreviewSnapshot.objects.bulk_create([made], ignore_conflicts=True)
    return name


def read(name: str, *, since: datetime | None = None) -> dict[int, str] | None:
    """Return what was shown of each row by its key; None where it is not kept.

    What was last shown before ``since`` counts as not kept.
    """
    if not NAME.match(name):
        return None
    found = PreviewSnapshot.objects.filter(name=name).order_by("pk").first()
    if found is None or (since is not None and found.shown_at < since):
        return None
    lines = zlib.decompress(found.content).decode().split("\n")
    pairs = (line.partition(" ") for line in lines if line)
    return {int(key): row for key, _space, row in pairs}
