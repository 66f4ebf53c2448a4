"""Trials: what is written to show what it would do, then taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core.access_limits import writing


@contextmanager
def trial() -> Iterator[None]:
    """Take back at the end what is written inside, which keeps the books of all meanwhile.

    A preview is read by people who may be limited; what it tries needs the rows of others, too.
    """
    with writing(), transaction.atomic():
        yield
        transaction.set_rollback(True)
