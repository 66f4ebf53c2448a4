"""Lists on our own pages, part by part: the number of the page stands in the address."""

from typing import Any

from django.http import HttpRequest


def page_number(request: HttpRequest, name: str = "page") -> int:
    """Return the page that the address asks for, the first if it names none."""
    text = request.GET.get(name, "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def address_of_page(request: HttpRequest, number: int, name: str) -> str:
    """Return the address of another page of the same list."""
    parameters = request.GET.copy()
    parameters[name] = str(number)
    return f"?{parameters.urlencode()}"


def page_links(
    request: HttpRequest, page: int, page_count: int, name: str = "page"
) -> dict[str, Any]:
    """Return the number of the page and the addresses beside it."""
    return {
        "page": page,
        "page_count": page_count,
        "previous_page": address_of_page(request, page - 1, name) if page > 1 else "",
        "next_page": address_of_page(request, page + 1, name) if page < page_count else "",
    }


def part_of(
    request: HttpRequest, name: str, rows: Any, *, size: int, count: int | None = None
) -> tuple[list[Any], dict[str, Any]]:
    """Return the page of ``rows`` that the address asks for by ``name``, and its links.

    ``count`` is how many rows there are, where they need not be counted.
    """
    count = len(rows) if count is None else count
    page_count = max(1, -(-count // size))
    page = min(page_number(request, name), page_count)
    links = page_links(request, page, page_count, name)
    return list(rows[(page - 1) * size : page * size]), {**links, "count": count}
