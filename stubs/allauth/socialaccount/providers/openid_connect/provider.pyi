from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse

class OpenIDConnectProvider:
    pkce_enabled_default: bool
    oauth2_adapter_class: type[OpenIDConnectOAuth2Adapter]
    def __init__(self, request: HttpRequest, app: SocialApp) -> None: ...
    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = ...,
        *,
        auth_params: dict[str, str],
        nonce: str,
    ) -> HttpResponse: ...
