"""Draws the rows of a table below a form without templates: there may be a thousand of them.

The markup is the theme's, whose script adds, removes and drags the rows.
"""

from typing import Any

from django.contrib.admin.helpers import (
    AdminField,
    AdminReadonlyField,
    InlineAdminForm,
    InlineAdminFormSet,
)
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from core.admin.plain_controls import escaped
from core.admin.read_values import read_value

HANDLE = (
    '<span class="{} hover:bg-base-50 dark:hover:bg-base-800 -mx-1.5 flex h-[38px] w-[38px] '
    'items-center justify-center rounded-default select-none transition-colors"{}>'
    '<span class="material-symbols-outlined" aria-hidden="true">drag_indicator</span></span>'
)
BIN = (
    '<span class="material-symbols-outlined md-18 text-red-600 dark:text-red-500" '
    'aria-hidden="true">delete</span>'
)


def drawn_rows(group: InlineAdminFormSet) -> SafeString:
    """Return every row of ``group``, and the empty one that the page's script copies."""
    rows = list(group)
    if not rows:
        return _none()
    last = len(rows) - 1 - bool(group.has_add_permission)
    kinds = [
        " last" * (position == last and last < len(rows) - 1) + " empty-form" * (position > last)
        for position in range(len(rows))
    ]
    return SafeString("\n".join(_row(group, *row) for row in zip(rows, kinds, strict=True)))


def _none() -> SafeString:
    """Return the row of a table that is empty, and that nobody adds to."""
    words = escaped(gettext("Nothing here yet"))
    return SafeString(f'<tbody><tr><td class="row-none" colspan="100%">{words}</td></tr></tbody>')


def _row(group: InlineAdminFormSet, row: InlineAdminForm, kind: str) -> str:
    fields = [field for part in row for line in part for field in line]
    hidden = [field for field in fields if isinstance(field, AdminField) and field.field.is_hidden]
    shown = [field for field in fields if field not in hidden]
    can_remove = group.formset.can_delete and group.has_delete_permission
    kind = f"{'original' if row.original else 'template'}{kind}"
    handles = [_handle(group, row), *[""] * (len(shown) - 1)]
    return "".join(
        [
            f'<tbody class="form-group relative group/parent {kind}"',
            " x-sort:item>" if group.opts.ordering_field else ">",
            _faults(group, row),
            _keys(row, len(shown) + bool(can_remove)) if row.original else "",
            '<tr class="form-row has-[.delete:checked]:[&amp;+.form-delete]:table-row">',
            *(field.field.as_widget() for field in hidden),
            *map(_cell, shown, handles),
            _removal(row) if can_remove else "",
            "</tr>",
            _removed(row) if can_remove and row.original else "",
            "</tbody>",
        ]
    )


def _faults(group: InlineAdminFormSet, row: InlineAdminForm) -> str:
    if not row.form.is_bound or not row.form.non_field_errors():
        return ""
    template = "unfold/helpers/edit_inline/tabular_error.html"
    context = {"inline_admin_form": row, "inline_admin_formset": group}
    return render_to_string(template, context)


def _keys(row: InlineAdminForm, width: int) -> str:
    """Return the line above, which says to the form which stored row this is."""
    keys = [row.pk_field() if row.needs_explicit_pk_field() else None, row.fk_field() or None]
    inputs = "".join(key.field.as_widget() for key in keys if key is not None)
    return f'<tr class="row-keys"><td colspan="{width}">{inputs}</td></tr>'


def _cell(field: Any, handle: str) -> str:
    described = field.field
    if field.is_readonly:
        name, label, faults = described["name"], described["label"], ()
        inner = _read(field)
    else:
        name, label, faults = described.name, described.label, described.errors
        inner = f'<div class="row-control">{described.as_widget()}{_said(faults)}</div>'
    return (
        f'<td class="row-cell field-{escaped(name)} group field-tabular{" errors" * bool(faults)}"'
        f' data-label="{escaped(capfirst(label))}"><div class="row-part">{handle}{inner}</div></td>'
    )


def _read(field: AdminReadonlyField) -> str:
    shown = escaped(read_value(field))
    return f'<div class="readonly break-words max-w-2xl *:rounded-default">{shown}</div>'


def _said(faults: Any) -> str:
    if not faults:
        return ""
    said = " ".join(map(escaped, faults))
    return f'<div class="mt-2 text-red-600 text-xs dark:text-red-500">{said}</div>'


def _handle(group: InlineAdminFormSet, row: InlineAdminForm) -> str:
    if not group.opts.ordering_field:
        return ""
    if row.original:
        return HANDLE.format("cursor-move", " x-sort:handle")
    return HANDLE.format("cursor-not-allowed opacity-50", "")


def _removal(row: InlineAdminForm) -> str:
    """Return the cell that removes a row; of a stored one a checkbox, right without scripts."""
    if row.original:
        words = escaped(gettext("Remove %(row)s") % {"row": row.original})
        box = row.deletion_field().field.as_widget(attrs={"class": "delete"})
        button = (
            f'<label class="row-removal">{BIN}<span class="row-removal-words">{words}</span>'
            f"{box}</label>"
        )
    else:
        words = escaped(gettext("Remove the new row"))
        button = (
            f'<button type="button" class="row-removal delete-template">{BIN}'
            f'<span class="row-removal-words">{words}</span></button>'
        )
    return (
        f'<td class="row-cell delete" data-label="{escaped(gettext("Remove"))}">'
        f'<div class="-my-1 -mr-1.5">{button}</div></td>'
    )


def _removed(row: InlineAdminForm) -> str:
    """Return what covers a row that will be removed."""
    box_id = row.deletion_field().field.id_for_label
    return (
        '<tr class="hidden form-delete"><td colspan="100%"><div class="row-removed">'
        f"<span>{escaped(gettext('This item will be deleted.'))}</span>"
        f'<label for="{escaped(box_id)}">{escaped(gettext("Click to cancel"))} '
        '<span class="material-symbols-outlined" aria-hidden="true">undo</span></label>'
        "</div></td></tr>"
    )
