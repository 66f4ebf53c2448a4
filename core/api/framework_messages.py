"""Messages of the REST framework that its own Swedish or French catalogue lacks: ours has them."""

from core.text import gettext_noop as _

MESSAGES = (
    _("A valid biginteger is required."),
    _("Datetime value out of range."),
    _('Enter a valid "slug" consisting of Unicode letters, numbers, underscores, or hyphens.'),
    _("Ensure this field has at least {min_length} elements."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Integer value too large to convert to float"),
    _('Invalid datetime for the timezone "{timezone}".'),
    _("Invalid input."),
    _("Must be a valid UUID."),
    _("Must be a valid boolean."),
    _("Not a valid string."),
    _("Surrogate characters are not allowed: U+{code_point:X}."),
    _("This dictionary may not be empty."),
)
