"""Templates of e-mails that people edit: checked before they are kept, filled in a sandbox.

A template has placeholders and conditions, nothing else: without loops, calculations, filters,
attributes and calls none can run long or reach what it was not given.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.column_limits import is_storable
from core.text import FaultError, gettext_noop

MOST_CHARACTERS = 10_000
# Of an e-mail: a template may have a long placeholder many times.
MOST_WRITTEN = 500_000
ALLOWED = (
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
)
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, optimized=False
)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters.clear()
_ENVIRONMENT.tests.clear()


class TemplateFaultError(FaultError):
    """Why a template cannot be used, or an e-mail cannot be written from it."""


def check_template(
    source: str, *, placeholders: Collection[str], required: Collection[str] = ()
) -> None:
    """Make sure that a template can be filled, and has the required placeholders and no others.

    A placeholder that only stands in a condition is not one that the text has.

    :raises TemplateFaultError: for the first fault that is found.
    """
    if len(source) > MOST_CHARACTERS:
        message = gettext_noop("The text has %(size)s characters. The limit is %(most)s.")
        raise TemplateFaultError(message, size=len(source), most=MOST_CHARACTERS)
    if not is_storable(source):
        raise TemplateFaultError(gettext_noop("The text has characters that cannot be stored."))
    found = _nodes(source)
    names = [node for node in found if isinstance(node, nodes.Name)]
    for name in names:
        if name.name not in placeholders:
            message = gettext_noop("There is no placeholder %(name)s (line %(line)s).")
            raise TemplateFaultError(message, name=name.name, line=name.lineno)
    written = {
        name.name
        for output in found
        if isinstance(output, nodes.Output)
        for name in output.nodes
        if isinstance(name, nodes.Name)
    }
    for wanted in required:
        if wanted not in written:
            message = gettext_noop("The text must contain the placeholder %(name)s.")
            raise TemplateFaultError(message, name=wanted)


def fill_template(source: str, values: Mapping[str, str]) -> str:
    """Return a template with its placeholders filled by ``values``.

    :raises TemplateFaultError: if it is not a template, has a placeholder that ``values`` lack, or
        the result is too long.
    """
    parts: list[str] = []
    size = 0
    try:
        for part in _compiled(source).generate(dict(values)):
            size += len(part)
            if size > MOST_WRITTEN:
                message = gettext_noop("The e-mail would have more than %(most)s characters.")
                raise TemplateFaultError(message, most=MOST_WRITTEN)
            parts.append(part)
    except TemplateError as error:
        message = gettext_noop("The text cannot be filled: %(error)s")
        raise TemplateFaultError(message, error=error.message or "") from error
    return "".join(parts)


@lru_cache(maxsize=128)
def _compiled(source: str) -> Template:
    return _ENVIRONMENT.from_string(source)


def _nodes(source: str) -> list[Any]:
    """Return everything that a template consists of, all of it of a kind that is allowed.

    It is compiled only then: to compile a calculation is to carry it out.

    :raises TemplateFaultError: if it is no template, or has anything else.
    """
    try:
        found = list(_ENVIRONMENT.parse(source).find_all(nodes.Node))
        for node in found:
            if not isinstance(node, ALLOWED):
                message = gettext_noop(
                    "Line %(line)s is not possible. A text has placeholders and conditions only: "
                    "no loops, filters, calculations, attributes, calls or imports."
                )
                raise TemplateFaultError(message, line=node.lineno)
        _compiled(source)
    except TemplateSyntaxError as error:
        message = gettext_noop(
            "Line %(line)s cannot be read. Correct its braces, or what is between them."
        )
        raise TemplateFaultError(message, line=error.lineno) from error
    except (RecursionError, SyntaxError, MemoryError) as error:
        message = gettext_noop("The text has too many conditions inside one another.")
        raise TemplateFaultError(message) from error
    return found
