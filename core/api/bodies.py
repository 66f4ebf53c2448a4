"""Reads bodies: JSON alone, exact, not larger than the limit."""

import re
from collections import Counter
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from rest_framework.exceptions import ErrorDetail, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.utils import json

from core.api.problems import Fault, ProblemError, below
from core.column_limits import is_storable

# A body that is refused is read to its end, so that its sender gets to read the answer.
READ_TO_THE_END = 64 * 1024 * 1024
CHUNK = 64 * 1024
# How JSON in UTF-8 writes what UTF-8 cannot: half of a pair of surrogates; and NUL.
ESCAPED = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)


class BodyParser(JSONParser):
    """JSON in UTF-8, whose mistakes are all told as such."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode()
            body = json.loads(text, object_pairs_hook=_members, parse_constant=json.strict_constant)
            faults = [*_unstorable(body, "")] if ESCAPED.search(text) else []
        except UnicodeDecodeError as error:
            raise ParseError(gettext("The body is not UTF-8.")) from error
        except JSONDecodeError as error:
            position = {"line": error.lineno, "column": error.colno}
            sentence = gettext("The body is not JSON: see line %(line)s, column %(column)s.")
            raise ParseError(sentence % position) from error
        except ValueError as error:
            sentence = gettext(
                "The body has a number that JSON does not allow, or that is too long."
            )
            raise ParseError(sentence) from error
        except RecursionError as error:
            raise ParseError(gettext("The body is nested too deeply.")) from error
        if faults:
            detail = gettext("The request has values that are not valid.")
            raise ProblemError(400, "INVALID", detail, faults)
        return body


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of an object.

    :raises rest_framework.exceptions.ValidationError: for one that is given twice, since readers
        differ in which of the two counts.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        counted = Counter(name for name, _value in pairs)
        message = gettext("This member is given twice.")
        raise ValidationError(
            {
                name: [ErrorDetail(message, "given_twice")]
                for name, count in counted.items()
                if count > 1
            }
        )
    return members


def _unstorable(value: Any, pointer: str) -> Iterator[Fault]:
    """Yield where a body has a character that no column keeps, names of members included."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unstorable(name, below(pointer, name))
            yield from _unstorable(inner, below(pointer, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _unstorable(inner, below(pointer, position))
    elif isinstance(value, str) and not is_storable(value):
        message = gettext("This has a character that cannot be stored. Remove it.")
        yield Fault(pointer, "CONTROL_CHARACTERS", message)


def refuse_large_body(request: Request) -> None:
    """Refuse a body above the limit of the site without keeping any of it.

    :raises ProblemError: 413.
    """
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length <= limit:
        return
    left = min(length, READ_TO_THE_END)
    while left > 0 and (chunk := request._request.read(CHUNK)):
        left -= len(chunk)
    megabytes = {"limit": limit // (1024 * 1024)}
    raise ProblemError(413, "TOO_LARGE", gettext("A body has at most %(limit)d MB.") % megabytes)
