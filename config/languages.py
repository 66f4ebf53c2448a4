"""The language of a page: the person's own, else the browser's, else the site's.

The API answers in the language that ``Accept-Language`` asks for.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from core.models import PersonLanguage

# Where a session keeps the language of its person, so that no page asks the database for it.
KEY = "language"
OFFERED = frozenset(code for code, _name in settings.LANGUAGES)


class LanguageMiddleware(LocaleMiddleware):
    """Answers each request in one of the site's languages."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        own = request.session.get(KEY) if has_session else None
        if own in OFFERED:
            translation.activate(own)
            request.LANGUAGE_CODE = own


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Show the pages in another language from now on; keep it for who is logged in."""
    language = request.POST.get("language", "")
    if language in OFFERED and request.user.is_authenticated:
        PersonLanguage.objects.update_or_create(
            user_id=request.user.pk, defaults={"language": language}
        )
        request.session[KEY] = language
    return set_language(request)


@receiver(user_logged_in)
def take_up_language(request: HttpRequest, user: User, **_values: Any) -> None:
    """Give a new session the language of its person."""
    for chosen in PersonLanguage.objects.filter(user=user.pk):
        request.session[KEY] = chosen.language
