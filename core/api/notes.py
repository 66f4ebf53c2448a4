"""Notes of staff as bodies."""

from rest_framework import serializers

from core.api.fields import Body, StrictSerializer, TextField
from core.models.note import LONGEST_NOTE, Note


class NoteBody(StrictSerializer):
    """A note to add."""

    text = TextField(max_length=LONGEST_NOTE)


class NoteSerializer(Body[Note]):
    """A note; the author is null where the user is no more."""

    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    created_at = serializers.DateTimeField()
    text = serializers.CharField()
