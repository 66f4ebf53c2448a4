"""Pages that ask who changes how people log in, once more, who it is.

A session may be in other hands: a machine left open, a cookie that was stolen.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from core.admin.bases import AnyPage
from core.kept_form import INPUT_NAME, KeptForm


def ask_again(request: HttpRequest) -> None:
    """Let go on who has logged in, or has shown who it is, a moment ago; lead others to show it.

    What they posted is kept until then and shown again. A form with a password is not: its page
    asks before it is shown, too.

    :raises ImmediateHttpResponse: with the answer that leads there.
    :raises PermissionDenied: if the person has nothing to show it with.
    """
    if not is_reauthentication_required(request, app=""):
        return
    adapter: Any = get_adapter()
    methods = adapter.get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied
    kept = KeptForm.of(request)
    if kept is not None:
        request.session[INPUT_NAME] = kept.signed()
    # The log-in page shows what is kept to who is logged in.
    back = request.get_full_path() if kept is None else reverse("admin:login")
    address = f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: back})}"
    raise ImmediateHttpResponse(HttpResponseRedirect(address))


class AskedAgain(AnyPage):
    """Asks who changes a row, or does something with rows of the list."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._asked(super().changeform_view, request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._asked(super().changelist_view, request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return self._asked(super().delete_view, request, *args, **kwargs)

    def _asked(self, page: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            ask_again(request)
        answer: HttpResponse = page(request, *args, **kwargs)
        return answer
