"""Notes on the page of what they are about, the newest first."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.admin.message_links import link_to, with_links
from core.admin.theme import INPUT_CLASS
from core.models.note import LONGEST_NOTE, Note
from core.operations.notes import keep_note

SHOWN = 100


class NoteForm(forms.Form):
    """A note, with a token that lets it be kept once."""

    text = forms.CharField(
        label=_("New note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "class": INPUT_CLASS}),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)


def notes_context(notes: QuerySet[Any], *, address: str) -> dict[str, Any]:
    """Return what a page shows of ``notes``; "" is the address for people who may write none."""
    return {
        "notes": list(notes.select_related("author").order_by("-pk")[:SHOWN]),
        "note_address": address,
        "note_form": NoteForm(initial={"token": uuid4()}, auto_id="note-%s") if address else None,
    }


def take_note(request: HttpRequest, about: Model, note: Callable[..., Note]) -> HttpResponse:
    """Keep what a person wrote ``about`` a row, and lead back to its page.

    ``note`` makes the note of its text, author, time and token.
    """
    form = NoteForm(request.POST)
    if form.is_valid():
        author = request.user.pk
        keep_note(note(author_id=author, created_at=timezone.now(), **form.cleaned_data))
        added = gettext("Added a note to %(about)s.")
        messages.success(request, with_links(added, about=link_to(about)))
    else:
        too_long = gettext("Nothing was added. A note has 1 to %(most)s characters.")
        messages.error(request, too_long % {"most": LONGEST_NOTE})
    meta = about._meta
    return redirect(f"admin:{meta.app_label}_{meta.model_name}_change", about.pk)
