"""Keeps notes that staff write."""

from core.models.note import Note


class EmptyNoteError(ValueError):
    """A note without a text; nothing was written."""


def keep_note(note: Note) -> None:
    """Keep a note, in one statement; one whose token is known is kept already.

    :raises EmptyNoteError: if it has no text.

    Rule: Changing an order, notes (§20).
    """
    if not note.text.strip():
        raise EmptyNoteError
    type(note)._default_manager.bulk_create([note], ignore_conflicts=True)
