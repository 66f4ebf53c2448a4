"""The page of the search, whose list the box shows too."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from config.search.results import question_of, recent_results, results_of


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what ``q`` finds, the newest rows where it is empty; with ``list``, the list alone."""
    text = question_of(request)
    results = results_of(request, text) if text else recent_results(request)
    context = {"question": text, "results": results}
    if "list" in request.GET:
        return TemplateResponse(request, "search/results.html", context)
    frame = {**admin.site.each_context(request), "title": gettext("Search"), "is_page": True}
    return TemplateResponse(request, "search/page.html", frame | context)
