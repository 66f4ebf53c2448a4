"""The form of a page as a browser would post it back, with nothing changed."""

from html.parser import HTMLParser
from typing import Any


class FormReader(HTMLParser):
    """Reads what the controls of a page's forms hold, by form."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self.names: list[str] = []
        self._select: tuple[str, bool] | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({})
            self.names.append(given.get("id") or "")
        if not self.forms or "disabled" in given:
            return
        name, value = given.get("name"), given.get("value") or ""
        match tag:
            case "input":
                self._read_input(name, given)
            case "select":
                self._select = (name or "", "multiple" in given)
                self._chosen, self._first = [], None
            case "option" if self._select:
                self._first = value if self._first is None else self._first
                if "selected" in given:
                    self._chosen.append(value)
            case "textarea":
                self._area, self._text = name, ""

    def _read_input(self, name: str | None, given: dict[str, str | None]) -> None:
        kind = given.get("type", "text")
        if not name or kind in {"submit", "button", "file", "image", "reset"}:
            return
        if kind not in {"checkbox", "radio"}:
            self._add(name, given.get("value") or "")
        elif "checked" in given:
            self._add(name, given.get("value") or "on")

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            name, is_multiple = self._select
            if not is_multiple and not self._chosen and self._first is not None:
                self._chosen = [self._first]
            for value in self._chosen:
                self._add(name, value)
            self._select = None
        if tag == "textarea" and self._area is not None:
            self._add(self._area, self._text.removeprefix("\r").removeprefix("\n"))
            self._area = None

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].setdefault(name, []).append(value)


def opened_form(page: str, *, form_id: str = "_form") -> dict[str, Any]:
    """Return what the form whose id ends in ``form_id`` would post, by name."""
    reader = FormReader()
    reader.feed(page)
    [found] = [
        values
        for name, values in zip(reader.names, reader.forms, strict=True)
        if name.endswith(form_id)
    ]
    return {
        name: values[0] if len(values) == 1 else values
        for name, values in found.items()
        if "__prefix__" not in name
    }
