"""Marks messages for translation where gettext itself may not be imported."""


def gettext_noop(message: str) -> str:
    """Return ``message`` unchanged; the catalogues collect it, an interface translates it."""
    return message
