"""What the company's own log-in answers, by OpenID Connect.

Everything is fetched from it over HTTPS, at each log-in; no answer leads elsewhere.
"""

import time
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any

import jwt
import requests
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare

BACK_PAGE = "company_log_in_back"
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# Signed with a key of which others know the public half alone.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
              "EdDSA")  # fmt: skip
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
# How far its clock may be off.
LEEWAY_SECONDS = 60
SECONDS = 5


class ProviderError(Exception):
    """The provider cannot be reached, or gave an answer that cannot be trusted."""


# What the libraries raise about its answers.
FAULTS = (
    ProviderError,
    OAuth2Error,
    requests.RequestException,
    jwt.PyJWTError,
    LookupError,
    TypeError,
    ValueError,
)


class CompanyRequests(DefaultSocialAccountAdapter):
    """Asks the provider briefly, and follows it nowhere."""

    def get_requests_session(self) -> requests.Session:
        session = requests.Session()
        session.max_redirects = 0
        session.request = partial(session.request, timeout=SECONDS)  # type: ignore[method-assign]
        return session


class CompanyAdapter(OpenIDConnectOAuth2Adapter):
    """What is fetched from the provider."""

    def get_provider(self) -> "CompanyProvider":
        return CompanyProvider(self.request, app=company_app())

    def get_callback_url(self, request: HttpRequest, _app: SocialApp) -> str:
        return request.build_absolute_uri(reverse(BACK_PAGE))

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """Return what the provider says of itself.

        :raises ProviderError: if it is another, or has an address that is not encrypted.
        """
        found: dict[str, Any] = fetched(f"{settings.OIDC_ISSUER}{DISCOVERY}")
        if str(found["issuer"]).rstrip("/") != settings.OIDC_ISSUER:
            raise ProviderError(f"the issuer calls itself {found['issuer']}")
        for name in ENDPOINTS:
            if not str(found[name]).startswith("https://"):
                raise ProviderError(f"{name} is not encrypted")
        return found

    def claims(self, code: str, *, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Return what the provider signed about who logged in; ``code`` is good for it once.

        :raises FAULTS: if it is not signed by the provider, for this site, this log-in and now.
        """
        client = self.get_client(self.request, company_app())
        answer = client.get_access_token(code, pkce_code_verifier=verifier)
        found = self._verified(str(answer["id_token"]))
        if not constant_time_compare(str(found.get("nonce", "")), nonce):
            raise ProviderError("the token is of another log-in")
        return found

    def _verified(self, token: str) -> dict[str, Any]:
        keys = jwt.PyJWKSet.from_dict(fetched(self.openid_config["jwks_uri"])).keys
        name = jwt.get_unverified_header(token).get("kid")
        [key] = [key for key in keys if name in (None, key.key_id)]
        found: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY_SECONDS,
            options={"require": list(REQUIRED)},
        )
        if found.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
            raise ProviderError("the token was made for another program")
        oldest = time.time() - settings.SESSION_MAX_HOURS * 3600 - LEEWAY_SECONDS
        # Not every provider says when.
        if "auth_time" in found and int(found["auth_time"]) < oldest:
            raise ProviderError("the person logged in there too long ago")
        return found


class CompanyProvider(OpenIDConnectProvider):
    """The provider that the settings name; none stands in the database."""

    pkce_enabled_default = True
    oauth2_adapter_class = CompanyAdapter


def company_app() -> SocialApp:
    """Return what the provider knows this site by."""
    return SocialApp(
        provider="openid_connect",
        provider_id="company",
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER},
    )


def fetched(address: str) -> dict[str, Any]:
    """Return the JSON object at an address of the provider's.

    :raises FAULTS: if it does not answer with one.
    """
    with get_adapter().get_requests_session() as session:
        answer = session.get(address)
        answer.raise_for_status()
        found = answer.json()
    if answer.is_redirect or not isinstance(found, dict):
        raise ProviderError(f"{address} has no JSON object")
    return found
