"""Breadcrumbs: the group, the list, the object that a page of the admin belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import template
from django.contrib.admin.utils import quote
from django.db.models import Model
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

register = template.Library()


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to a page; the page itself has no link, and neither has a group."""

    title: str
    link: str = ""


@register.inclusion_tag("config/breadcrumbs.html", takes_context=True)
def breadcrumbs(context: Context) -> dict[str, Any]:
    """Return the way to the page from the menu: group, list, object, page.

    A list that the menu does not offer this person is left out. The object is what the page calls
    ``original`` or ``object``; a page that is the object's own is named after it, or by its
    ``row_name``. ``has_heading`` says that the page has a heading of its own.
    """
    *before, page = _way(context)
    return {
        "before": before,
        "page": page,
        "has_heading": str(context.get("has_heading") or "").strip(),
    }


def _way(context: Context) -> list[Crumb]:
    path = context["request"].path
    way = []
    for section in context.get("sidebar_navigation") or ():
        for item in section["items"]:
            if item["active"]:
                way = [Crumb(str(section["title"])), Crumb(str(item["title"]), str(item["link"]))]
    shown = context.get("cl")
    if shown is not None:
        title = way[-1].title if way else capfirst(str(shown.opts.verbose_name_plural))
        return [*way[:-1], Crumb(title)]
    row = _object(context)
    name = str(context.get("row_name") or row)
    if row is not None and name != _last(way):
        way = way or _list_of(row)
        link = _address(row, "change", quote(str(row.pk)))
        if link in ("", path):
            return [*way, Crumb(name)]
        way.append(Crumb(name, link))
    title = capfirst(str(context.get("title") or ""))
    if title == _last(way):
        way.pop()
    return [*way, Crumb(title)]


def _last(way: list[Crumb]) -> str:
    return way[-1].title if way else ""


def _object(context: Mapping[str, Any] | Context) -> Model | None:
    rows = (context.get("original"), context.get("object"))
    return next((row for row in rows if isinstance(row, Model)), None)


def _list_of(row: Model) -> list[Crumb]:
    """Return the list of what the menu does not have."""
    link = _address(row, "changelist")
    return [Crumb(capfirst(str(row._meta.verbose_name_plural)), link)] if link else []


def _address(row: Model, page: str, *keys: str) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
    try:
        return reverse(name, args=keys)
    except NoReverseMatch:
        return ""
