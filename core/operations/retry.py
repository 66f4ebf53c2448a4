"""Work that is done again where others were in the way."""

from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection
from psycopg.errors import DeadlockDetected, SerializationFailure

from core.database_faults import PassingFault, passing_fault

# How often it is tried.
TRIES = 4
Result = TypeVar("Result")


class NotTakenError(Exception):
    """The database does not take what was to be written; nothing was."""

    def __init__(self, error: DatabaseError) -> None:
        super().__init__(str(error))
        self.error = error


def with_retries(work: Callable[[], Result]) -> Result:
    """Do ``work``, and again where others were in the way.

    :raises NotTakenError: if the database refuses it, or others are always in the way.
    :raises django.db.DatabaseError: if the database is gone, or its disk is full.
    """
    tries = 0
    while True:
        tries += 1
        try:
            return work()
        except DatabaseError as error:
            if passing_fault(error) is PassingFault.DISK_FULL:
                raise
            if not connection.in_atomic_block and not connection.is_usable():
                raise
            # Who was in the way is over by now, unless the time to wait for it is.
            is_over = isinstance(error.__cause__, (SerializationFailure, DeadlockDetected))
            if tries == TRIES or not is_over:
                raise NotTakenError(error) from error
