"""Arguments of commands that are looked up in the database, or kept there."""

from argparse import ArgumentParser, ArgumentTypeError

from django.utils.translation import gettext as _

from core.column_limits import is_storable


def text(argument: str) -> str:
    """Return ``argument`` where a column could hold it; the type of every argument that is a text.

    :raises ArgumentTypeError: for bytes that the shell's encoding could not read, and for NUL.
    """
    if not is_storable(argument):
        shown = argument.encode(errors="backslashreplace").decode().replace("\x00", "\\x00")
        message = _("“%(value)s” has a character that cannot be stored. Write it in UTF-8.")
        raise ArgumentTypeError(message % {"value": shown})
    return argument


def check_texts(parser: ArgumentParser, *names: str) -> None:
    """Have arguments of these names, which Django added, refuse what :func:`text` refuses."""
    for action in parser._actions:
        if action.dest in names:
            action.type = text
