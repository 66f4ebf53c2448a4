"""Addresses of lists: short, without what says nothing."""

from django.http import HttpRequest, HttpResponseRedirect, QueryDict


def without_blanks(parameters: QueryDict) -> QueryDict:
    """Return ``parameters`` without those that say nothing."""
    kept = QueryDict(mutable=True)
    for name, values in parameters.lists():
        if any(values):
            kept.setlist(name, [value for value in values if value])
    return kept


def short_address(request: HttpRequest) -> HttpResponseRedirect | None:
    """Lead to the same address without empty parameters, which a form of filters sends.

    None where there are none.
    """
    if request.method != "GET":
        return None
    short = without_blanks(request.GET).urlencode()
    if len(short) == len(request.GET.urlencode()):
        return None
    return HttpResponseRedirect(f"{request.path}?{short}" if short else request.path)


def address_without(parameters: QueryDict, *names: str) -> str:
    """Return the address of a list without ``names``, empty where nothing is left: ``?a=1``."""
    kept = parameters.copy()
    for name in names:
        kept.pop(name, None)
    return f"?{kept.urlencode()}"
