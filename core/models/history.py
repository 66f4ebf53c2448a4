"""Who changed what, when: one event per changed row, written by triggers.

They see every write, also ``update()``, bulk writes and COPY. The models whose history is kept
are found by their events, so that a page of all changes needs no list of its own.
"""

from collections.abc import Sequence
from typing import Any

import pghistory
from django.apps import apps
from django.db import models
from pghistory.models import Event

Model = type[models.Model]
# The label of what a row was when its history began: no change of anybody.
START = "start"


def keep_history(model: Any, *, left_out: Sequence[str] = (), by_row: bool = False) -> None:
    """Keep the history of ``model``, without the columns that are ``left_out``.

    A statement-level trigger that joins the old rows of an update to the new ones keeps the plan
    of its first, small call, and takes seconds over the thousands of items of a release: where
    rows change all day, updates are seen row by row (``by_row``), behind a condition that costs
    next to nothing.
    """
    name = model.__name__.removeprefix("Tracked")
    pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Row if by_row else pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=list(left_out),
        model_name=f"{name}Event",
        # The list of all changes reads the newest of each table.
        meta={
            "indexes": [
                models.Index(
                    fields=["pgh_created_at", "pgh_id"], name=f"{name.lower()}_changes"[:30]
                )
            ]
        },
    )(model)


def tracked_models() -> dict[str, Model]:
    """Return the models whose history is kept, by the label of the table that people change."""
    tracked: list[Model] = [
        event.pgh_tracked_model  # type: ignore[misc]
        for event in apps.get_models()
        if issubclass(event, Event)
    ]
    return {_shown_as(model)._meta.label_lower: model for model in tracked}


def events_of(model: Model) -> Any:
    """Return the model of the events of a model.

    :raises django.core.exceptions.FieldDoesNotExist: if its history is not kept.
    """
    return model._meta.get_field("events").related_model


def _shown_as(model: Model) -> Model:
    """Return the model whose page shows the rows: that of a proxy that only keeps history."""
    is_tracker = model._meta.proxy and model.__name__.startswith("Tracked")
    return model._meta.concrete_model or model if is_tracker else model
