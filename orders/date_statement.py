"""What an e-mail that is being written says of a date; PURE."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DateStatement:
    """A date in an e-mail that is being written, and the one that the customer had before.

    ``sets_agreed_date``: it is the first after a confirmation without one.
    """

    said_on: date
    former_on: date | None
    sets_agreed_date: bool
