"""How many shipments a batch takes, so that it holds its locks for about a second."""

import math
import time
from collections.abc import Callable, Iterator

# A buyer of one of its products waits for the end of a batch, and no longer than the limit of
# ``DATABASE_LOCK_SECONDS``.
LOCK_SECONDS = 1.0
FIRST = 1_000
# Smaller batches would read the same stock again and again for little.
LEAST = 100
GROWTH = 2


class Pace:
    """Sizes each batch by how long the last one took; ``most`` is the largest, in shipments.

    ``seconds`` is how long a batch may take; infinity where it locks nothing.
    """

    def __init__(self, *, most: int, seconds: float = LOCK_SECONDS) -> None:
        self._most = most
        self._seconds = seconds
        self.size = min(FIRST, most)

    def batches(self, take: Callable[[int], list[int]]) -> Iterator[list[int]]:
        """Yield what ``take`` returns for the size of each batch, until that is nothing.

        A batch takes as long as whoever is given it works before asking for the next.
        """
        while batch := take(self.size):
            started = time.monotonic()
            yield batch
            self.note(len(batch), seconds=time.monotonic() - started)

    def note(self, count: int, *, seconds: float) -> None:
        """Size the next batch after one of ``count`` shipments that took so many seconds."""
        fitting = count * self._seconds / seconds if seconds else math.inf
        size = int(min(fitting, count * GROWTH, self._most))
        self.size = max(size, min(LEAST, self._most))
