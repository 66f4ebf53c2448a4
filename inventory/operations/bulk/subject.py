"""What every bulk action is made of: a request, a plan of rows, and the write."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from inventory.operations.bulk.rows import BulkRow

Request = TypeVar("Request")


@dataclass(frozen=True, slots=True)
class Subject(Generic[Request]):
    """One bulk action.

    ``plan`` reads what the rows are and says what each would become. ``lock`` locks them, before
    the plan that counts is made. ``write`` does what is planned; it is given rows that change,
    all of them, in the transaction of the lock. ``read`` and ``shown`` turn a request into JSON
    and back; ``rows_each`` is how many rows one chosen key stands for. One that
    ``is_difference`` applies to what rows hold, whatever they held when it was confirmed.
    """

    plan: Callable[[Sequence[int], Request], list[BulkRow]]
    lock: Callable[[Sequence[int], Request], None]
    write: Callable[[Sequence[BulkRow], Request, datetime, int | None], None]
    read: Callable[[Mapping[str, Any]], Request]
    rows_each: Callable[[Request], int]
    is_difference: bool = False
