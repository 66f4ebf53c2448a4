"""Draws plain controls without templates: a page of many rows has thousands of them."""

from typing import Any

from django.forms.renderers import get_default_renderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Context = dict[str, Any]


def drawn(control: Context) -> SafeString:
    """Return the HTML of a control, as its widget's context describes it."""
    if "subwidgets" in control:
        parts = get_default_renderer().render(control["template_name"], {"widget": control})
        return mark_safe(parts)  # noqa: S308 - drawn by a template, which escapes
    if "optgroups" in control:
        return _select(control)
    return _input(control)


def _input(control: Context) -> SafeString:
    value = control["value"]
    given = {"type": control["type"], "name": control["name"]}
    if value is not None:
        given["value"] = str(value)
    return format_html("<input{}>", flatatt({**given, **control["attrs"]}))


def _select(control: Context) -> SafeString:
    options = [option for _group, options, _place in control["optgroups"] for option in options]
    inner = format_html_join(
        "",
        "<option{}>{}</option>",
        (
            (flatatt({"value": str(option["value"]), **option["attrs"]}), option["label"])
            for option in options
        ),
    )
    attributes = flatatt({"name": control["name"], **control["attrs"]})
    return format_html("<select{}>{}</select>", attributes, inner)
