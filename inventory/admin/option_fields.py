"""Stock options on pages: a value with its "Use Config Settings" checkbox, one field in one cell.

On the model an override is a nullable column and ``NULL`` means "use config settings". Where the
checkbox is selected the posted value is ignored; where it is not, an empty value is an error.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EMPTY_VALUES
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from core import formats
from core.admin import theme
from core.admin.bases import ModelForm
from core.admin.fields import (
    PERIOD_UNITS,
    PeriodFormField,
    PeriodWidget,
    QuantityFormField,
    WholeFormField,
    YesNoChoice,
)
from core.admin.history import OWN_WORDS
from core.admin.plain_controls import attributes, drawn, escaped
from inventory.option_explanations import explain
from inventory.option_rules import Conflict
from inventory.options import BY_NAME, OPTIONS, OptionKind, Scope, StockOption, options_for
from inventory.queries.decimals import Fraction
from inventory.resolution import Origin, ResolvedValue, Values, resolve


def sentence_of(fraction: Fraction) -> ValidationError:
    """Return what a page says of a fraction of what is sold in whole units."""
    error = fraction.error
    return ValidationError(formats.filled(error.message, error.values), code=error.code)


def field_for(option: StockOption) -> forms.Field:
    """Return a field that reads a value of ``option``, not required."""
    input_attrs, select_attrs = {"class": theme.INPUT_CLASS}, {"class": theme.SELECT_CLASS}
    match option.kind:
        case OptionKind.YES_NO:
            return YesNoChoice(required=False, widget=forms.Select(select_attrs))
        case OptionKind.CHOICE:
            choices = [(value, gettext_lazy(label)) for value, label in option.choices]
            return forms.ChoiceField(
                choices=[("", "---------"), *choices],
                required=False,
                widget=forms.Select(select_attrs),
            )
        case OptionKind.QUANTITY:
            return QuantityFormField(required=False)
        case OptionKind.WHOLE:
            return WholeFormField(required=False, max_value=2_147_483_647)
        case OptionKind.PERIOD:
            return PeriodFormField(required=False, widget=PeriodWidget(input_attrs, select_attrs))


def in_words(option: StockOption, value: Any) -> str:
    """Return a value of ``option`` as a merchant reads it: Yes, 5, Allow Qty Below 0, 30 days."""
    if value is None:
        return gettext("no limit")
    match option.kind:
        case OptionKind.YES_NO:
            return gettext("Yes") if value else gettext("No")
        case OptionKind.CHOICE:
            return gettext(dict(option.choices)[value])
        case OptionKind.QUANTITY:
            return formats.quantity(Decimal(value))
        case OptionKind.WHOLE:
            return str(value)
        case OptionKind.PERIOD:
            return f"{value.quantity} {dict(PERIOD_UNITS)[value.unit.value]}"


def as_typed(option: StockOption, value: Any) -> str:
    """Return a value of ``option`` as its input holds it, for scripts to compare."""
    if value is None:
        return ""
    return formats.input_text(value) if isinstance(value, Decimal) else str(value)


def _recorded(option: StockOption, value: Any) -> str:
    """Return what history says of a value of ``option`` on a product or source item."""
    return gettext("inherited") if value is None else in_words(option, value)


OWN_WORDS.update({name: partial(_recorded, option) for name, option in BY_NAME.items()})


CHECKBOX_LABELS = {
    Scope.GLOBAL: _("Use system value"),
    Scope.PRODUCT: _("Use Config Settings"),
    Scope.SOURCE_ITEM: _("Use Default"),
}
ORIGINS = {
    Origin.SYSTEM: _("system value"),
    Origin.GLOBAL: _("configuration"),
    Origin.PRODUCT: _("product"),
    Origin.SOURCE_ITEM: _("source item"),
}


class UseConfigWidget(forms.MultiWidget):
    """Draws one option: its input, the checkbox, what is inherited, and what it does now."""

    class Media:
        css = {"all": ["inventory/use_config.css"]}
        js = ["inventory/use_config.js"]

    def __init__(
        self,
        value_widget: forms.Widget,
        option: StockOption,
        scope: Scope,
        inherited: ResolvedValue,
    ) -> None:
        checkbox = forms.CheckboxInput({"class": theme.CHECKBOX_CLASS})
        super().__init__({"value": value_widget, "use_config": checkbox})
        self.option = option
        self.scope = scope
        self.inherited = inherited
        self.sentence = ""
        # A value that is shown as typed, and saved only if a person saves it.
        self.proposed: Any = None

    def decompress(self, value: Any) -> list[Any]:
        """Return what the two inputs show: where nothing is set, the inherited value, ticked."""
        if self.proposed is not None:
            return [self.proposed, False]
        return [self.inherited.value, True] if value is None else [value, False]

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        suffix = "_0_0" if isinstance(self.widgets[0], forms.MultiWidget) else "_0"
        return f"{id_}{suffix}" if id_ else id_

    def _render(self, template_name: str, context: Any, renderer: Any = None) -> SafeString:
        control, option, label = context["widget"], self.option, gettext(self.option.label)
        value, checkbox = control["subwidgets"]
        inherited_id = f"{control['attrs'].get('id', control['name'])}_inherited"
        for part in value.get("subwidgets", [value])[:1]:
            part["attrs"] |= {"aria-label": label, "aria-describedby": inherited_id}
        inherited, origin = in_words(option, self.inherited.value), ORIGINS[self.inherited.origin]
        is_ticked = bool(checkbox["attrs"].get("checked"))
        described = {
            "class": "use-config is-inherited" if is_ticked else "use-config",
            "data-option": option.name,
            "data-inherited": as_typed(option, self.inherited.value),
            "data-needs-stock": bool(option.is_hidden_without_stock),
            "data-shown-when": option.shown_when or None,
            "data-proposed": self.proposed is not None,
        }
        named = gettext("%(label)s:") % {"label": label}
        return SafeString(
            f"<div data-use-config{attributes(described)}>"
            f'<div class="use-config-value">{drawn(value)}</div>'
            f'<div class="use-config-choice"><label class="use-config-label">'
            f'{drawn(checkbox)}<span class="use-config-hidden">{escaped(named)} '
            f"</span><span>{escaped(CHECKBOX_LABELS[self.scope])}</span></label>"
            f'<span class="use-config-inherited" id="{escaped(inherited_id)}">'
            f"{escaped(inherited)} "
            f'<span class="use-config-origin">({escaped(origin)})</span></span></div>'
            f'<p class="use-config-words" data-words="{escaped(option.name)}">'
            f"{escaped(self.sentence)}</p></div>"
        )


class UseConfigField(forms.MultiValueField):
    """One option at one scope; cleans to ``None`` when its checkbox is ticked.

    ``inherited`` is what is in force while it is ticked, and where that comes from.
    """

    widget: UseConfigWidget
    default_error_messages = {"no_choice": _("Enter a value, or select “%(checkbox)s”.")}

    def __init__(self, option: StockOption, *, scope: Scope, inherited: ResolvedValue) -> None:
        self.option = option
        self.scope = scope
        self.value_field = field_for(option)
        super().__init__(
            (self.value_field, forms.BooleanField(required=False)),
            widget=UseConfigWidget(self.value_field.widget, option, scope, inherited),
            label=gettext_lazy(option.label),
            help_text=gettext_lazy(option.help_text) if option.help_text else "",
            required=False,
            require_all_fields=False,
        )

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what to show again: what was typed, or where it is inherited, what is in force."""
        return None if data and data[1] else data

    def clean(self, value: Any) -> Any:
        entered, is_ticked = value or (None, False)
        if is_ticked:
            return None
        cleaned = self.value_field.clean(entered)
        if cleaned in EMPTY_VALUES:
            raise ValidationError(
                self.error_messages["no_choice"],
                code="no_choice",
                params={"checkbox": CHECKBOX_LABELS[self.scope]},
            )
        return cleaned

    def in_words(self, value: Any) -> str:
        """Return a value as a person reads it; what its checkbox says where it is inherited."""
        return str(CHECKBOX_LABELS[self.scope]) if value is None else in_words(self.option, value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what it means, not what was typed: a ticked box hides whatever stands there."""
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True


class OptionsForm(ModelForm):
    """A form over one model's options; a subclass says at which scope.

    ``above`` are the values of the levels from which they are inherited, by level.
    """

    scope: Scope
    # What the form's own values are called where options are resolved.
    level: str

    def __init__(self, *args: Any, above: Mapping[str, Values], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options_for(self.scope)
        self.proposed: dict[str, Any] = {}
        self.above = above
        shown = [option for option in self.options if option.name in self.fields]
        inherited = [resolve(option.name, **above) for option in shown]
        for option, resolved in zip(shown, inherited, strict=True):
            field = UseConfigField(option, scope=self.scope, inherited=resolved)
            self.fields[option.name] = field
        self._describe_options()

    def propose(self, name: str, value: Any) -> bool:
        """Show a value of an option as if it were typed; say whether it is one that may be chosen.

        Nothing of it is stored before the page is saved.
        """
        field = self.fields.get(name)
        if not isinstance(field, UseConfigField):
            return False
        try:
            field.widget.proposed = self.proposed[name] = field.clean([value, False])
        except ValidationError:
            return False
        self._describe_options()
        return True

    def is_of_virtual(self) -> bool:
        """Whether the options are of a virtual product."""
        return False

    def sentences(self) -> dict[str, str]:
        """Return what each option does with the values typed so far, by name, translated."""
        own = self.instance.overrides() | self.proposed
        levels = {**self.above, self.level: own}
        effective = {option.name: resolve(option.name, **levels).value for option in OPTIONS}
        found = explain(effective, is_virtual=self.is_of_virtual())
        return {name: formats.filled(said.message, said.values) for name, said in found.items()}

    def _describe_options(self) -> None:
        """Write what each option does below its input."""
        for name, sentence in self.sentences().items():
            field = self.fields.get(name)
            if isinstance(field, UseConfigField):
                field.widget.sentence = sentence

    def _post_clean(self) -> None:
        super()._post_clean()
        # The row has the typed values now.
        self._describe_options()

    def conflicts(self, entered: Values) -> list[Conflict]:
        """Return what contradicts itself with the options as ``entered``."""
        # Django's classes have a metaclass of their own, which refuses no abstract methods.
        raise NotImplementedError

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors.keys() & {option.name for option in self.options}:
            return cleaned
        for conflict in self.conflicts(self.entered_options()):
            # What this form cannot correct is shown where it can be corrected.
            if conflict.name in self.fields:
                sentence = formats.filled(conflict.message, conflict.values)
                self.add_error(conflict.name, ValidationError(sentence, conflict.code))
        return cleaned

    def entered_options(self) -> dict[str, Any]:
        """Return the options as typed so far; what is not valid yet counts as stored."""
        values = {}
        for option in self.options:
            name = option.name
            stored = getattr(self.instance, name)
            values[name] = self.cleaned_data.get(name) if name in self.cleaned_data else stored
        return values
