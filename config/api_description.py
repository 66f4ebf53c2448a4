"""The description of the HTTP API, kept once it is made."""

import threading
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import get_language, gettext
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from core.api import problems
from core.network_addresses import address_of, network_of
from core.request_rates import WINDOW_SECONDS, is_within_rate

PER_MINUTE = 30
MOST_KEPT = 16

_making = threading.Lock()
_kept: dict[tuple[str | None, str], tuple[bytes, dict[str, str]]] = {}


class DescriptionView(SpectacularAPIView):
    """Answers with what was made before: to make it takes seconds, and anybody may ask for it."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer each network so many times a minute, then 429."""
        who = network_of(address_of(request))
        if is_within_rate("schema", who, per_minute=PER_MINUTE, now=timezone.now()):
            return super().dispatch(request, *args, **kwargs)
        detail = gettext("Too many requests came from this address.")
        refusal = problems.unavailable(429, "THROTTLED", detail)
        refusal["Retry-After"] = str(WINDOW_SECONDS)
        return refusal

    def _get_schema_response(self, request: Request) -> HttpResponse:
        """Return the description in the language and the form that are asked for."""
        media_type = str(request.accepted_renderer.media_type)
        key = (get_language(), media_type)
        # One at a time makes it; whoever asked meanwhile has it then, too.
        with _making:
            if key not in _kept:
                if len(_kept) >= MOST_KEPT:
                    _kept.clear()
                _kept[key] = self._made(request)
            content, headers = _kept[key]
        return HttpResponse(content, headers=headers)

    def _made(self, request: Request) -> tuple[bytes, dict[str, str]]:
        describe: Any = super()._get_schema_response
        described = describe(request)
        renderer = request.accepted_renderer
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        headers = {
            "Content-Type": f"{renderer.media_type}{charset}",
            "Content-Disposition": described["Content-Disposition"],
        }
        content: Any = renderer.render(described.data, renderer.media_type, {})
        return content, headers
