"""The refusal of a write to rows that changed since they were shown."""


class StaleRowsError(Exception):
    """Rows are no longer as they were when they were compared; nothing was written."""


def nothing_compared() -> None:
    """Accept rows as they are found."""
