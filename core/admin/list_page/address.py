"""Addresses of lists: short, the same in every language."""

from collections.abc import Collection

from django.http import HttpRequest, HttpResponseRedirect, QueryDict

from core.formats import reader_signs
from core.number_texts import read_number
from core.quantities import QuantityError, format_quantity


def without_blanks(parameters: QueryDict) -> QueryDict:
    """Return ``parameters`` without those that say nothing."""
    kept = QueryDict(mutable=True)
    for name, values in parameters.lists():
        if any(values):
            kept.setlist(name, [value for value in values if value])
    return kept


def with_plain_numbers(parameters: QueryDict, names: Collection[str]) -> QueryDict:
    """Return ``parameters`` with the numbers ``names`` as every reader's language reads them.

    So an address can be kept, and given to others. What is no number stays as it was typed.
    """
    plain = parameters.copy()
    for name in names:
        if name in plain:
            plain.setlist(name, [_plain(text) for text in plain.getlist(name)])
    return plain


def _plain(text: str) -> str:
    try:
        plain = format_quantity(read_number(text, reader_signs()))
    except QuantityError:
        return text
    # Three decimals could be thousands.
    return f"{plain}0" if len(plain.partition(".")[2]) == 3 else plain


def short_address(
    request: HttpRequest, *, numbers: Collection[str] = ()
) -> HttpResponseRedirect | None:
    """Lead to the same address without empty parameters, which a form of filters sends.

    ``numbers`` are the parameters that people type numbers in. None where nothing changes.
    """
    if request.method != "GET":
        return None
    short = with_plain_numbers(without_blanks(request.GET), numbers).urlencode()
    if short == request.GET.urlencode():
        return None
    return HttpResponseRedirect(f"{request.path}?{short}" if short else request.path)


def address_without(parameters: QueryDict, *names: str) -> str:
    """Return the address of a list without ``names``, empty where nothing is left: ``?a=1``."""
    kept = parameters.copy()
    for name in names:
        kept.pop(name, None)
    return f"?{kept.urlencode()}"
