"""The bands that staff sort what waits into, by age in days."""

from typing import NamedTuple

from fulfillment.models import WaitingFigures

Band = WaitingFigures.Band


class Ages(NamedTuple):
    """From ``least`` days to ``most``, both included; ``None`` is without end."""

    least: int
    most: int | None


AGES = {
    Band.WEEK: Ages(0, 7),
    Band.FORTNIGHT: Ages(8, 14),
    Band.MONTH: Ages(15, 30),
    Band.OLDER: Ages(31, None),
}
