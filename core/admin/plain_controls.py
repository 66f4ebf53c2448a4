"""Draws plain controls without templates: a page of many rows has thousands of them.

The theme's utility classes, several hundred characters on each control, are one class of ours
there, which ``config/controls.css`` describes alike.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, SELECT_CLASSES

Context = dict[str, Any]

SHORT_CLASSES = {
    " ".join(INPUT_CLASSES): "control-input",
    " ".join(SELECT_CLASSES): "control-input control-select",
    " ".join(CHECKBOX_CLASSES): "control-box",
}


class Renderer(TemplatesSetting):
    """Draws the plain controls of all forms by itself, and whatever else by its template."""

    def render(self, template_name: str, context: Context, request: Any = None) -> str:
        draw = DRAWN.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return draw(context["widget"])


def drawn(control: Context) -> SafeString:
    """Return the HTML of a control, as its widget's context describes it."""
    return SafeString(Renderer().render(control["template_name"], {"widget": control}))


def attributes(given: Context) -> str:
    """Return attributes as a tag has them, each after a space; True is one without a value."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escaped(value)}"'
        for name, value in given.items()
        if value is not None and value is not False
    )


def escaped(text: Any) -> str:
    """Return ``text`` as HTML. As Django's own ``conditional_escape`` does, in a third of the time;
    of a page's thousand rows it is most of the work."""
    return str(text) if hasattr(text, "__html__") else escape(str(text))


def _input(control: Context) -> SafeString:
    value = control["value"]
    given = {
        "type": control["type"],
        "name": control["name"],
        "value": None if value is None else str(value),
        **_shortened(control["attrs"]),
    }
    return SafeString(f"<input{attributes(given)}>")


def _select(control: Context) -> SafeString:
    given = attributes({"name": control["name"], **_shortened(control["attrs"])})
    inner = "".join(_group(name, options) for name, options, _position in control["optgroups"])
    return SafeString(f"<select{given}>{inner}</select>")


def _group(name: str | None, options: list[Context]) -> str:
    inner = "".join(map(_option, options))
    return inner if name is None else f'<optgroup label="{escaped(name)}">{inner}</optgroup>'


def _option(option: Context) -> str:
    given = attributes({"value": str(option["value"]), **option["attrs"]})
    return f"<option{given}>{escaped(option['label'])}</option>"


def _theme_select(control: Context) -> SafeString:
    return SafeString(
        f'<div class="control-frame">{_select(control)}<span class="material-symbols-outlined '
        'control-arrow" aria-hidden="true">expand_more</span></div>'
    )


def _shortened(given: Context) -> Context:
    short = SHORT_CLASSES.get(str(given.get("class", "")).strip())
    return given if short is None else {**given, "class": short}


DRAWN: dict[str, Callable[[Context], SafeString]] = {
    **dict.fromkeys(
        [f"django/forms/widgets/{kind}.html" for kind in ("text", "number", "hidden", "checkbox")],
        _input,
    ),
    "django/forms/widgets/select.html": _select,
    "unfold/widgets/select.html": _theme_select,
}
