"""What an e-mail that is being written says of a date; PURE."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DateStatement:
    """A date in an e-mail that is being written, and the one that the customer had before.

    ``said_at`` is when the e-mail was queued, and with it the date promised.
    ``sets_agreed_date``: it is the first after a confirmation without one.
    """

    said_on: date
    said_at: datetime
    former_on: date | None
    sets_agreed_date: bool
