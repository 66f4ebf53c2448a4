"""The pages by which people log in at the company's own provider."""

import logging
from secrets import token_urlsafe

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.socialaccount.internal import statekit
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from config.last_visit import PROVED
from config.log_in.first_step import begin_log_in
from config.log_in.second_factor import KEY
from config.open_id.claims import ClaimError, ClaimNames, Identity, identity_of
from config.open_id.company_accounts import NotLetInError, RefusedLogIn, person_of
from config.open_id.company_provider import (
    BACK_PAGE,
    FAULTS,
    CompanyAdapter,
    CompanyProvider,
    company_app,
)
from core.callers import caller_of
from core.models import SecurityEvent
from core.network_addresses import address_of, network_of
from core.operations.security_events import count, shown_name
from core.request_rates import WINDOW_SECONDS, is_within_rate

logger = logging.getLogger(__name__)
# How many log-ins one network address may begin in a minute: many people share that of an office.
PER_MINUTE = 60
STATUSES = {RefusedLogIn.PROVIDER: 502, RefusedLogIn.TOO_MANY: 429}
WORDS = {
    RefusedLogIn.NOT_COMPLETED: _("The log-in at %(name)s was not completed."),
    RefusedLogIn.TOO_LATE: _("This log-in began too long ago, or in another browser. Begin again."),
    RefusedLogIn.TOO_MANY: _(
        "Too many log-ins were begun from your network. Try again in a minute."
    ),
    RefusedLogIn.PROVIDER: _(
        "%(name)s does not answer, or gave an answer that cannot be trusted. Try again later."
    ),
    RefusedLogIn.NO_ACCOUNT: _(
        "There is no account with your e-mail address here. Ask a superuser to make one."
    ),
    RefusedLogIn.UNVERIFIED: _(
        "%(name)s has verified no e-mail address of yours, by which your account could be found. "
        "Ask a superuser."
    ),
    RefusedLogIn.SEVERAL: _(
        "Several accounts here have your e-mail address. Ask a superuser to give each its own."
    ),
    RefusedLogIn.OTHER_PERSON: _(
        "The account with your e-mail address belongs to another person at %(name)s. Ask a "
        "superuser."
    ),
    RefusedLogIn.NAME: _(
        "No account could be made for you: the username that %(name)s says is taken, or cannot be "
        "one. Ask a superuser."
    ),
    RefusedLogIn.CLOSED: _("Your account may not open the back office. Ask a superuser."),
}


@require_GET
@never_cache
def company_log_in(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in of the provider."""
    _check_offered()
    network = network_of(address_of(request))
    # Each asks the provider.
    if not is_within_rate("company", network, per_minute=PER_MINUTE, now=timezone.now()):
        return _refused(request, RefusedLogIn.TOO_MANY)
    wanted = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    nonce = token_urlsafe(32)
    # No log-in there is older than a session here may be, and who is logged in shows who it is.
    longest = 0 if request.user.is_authenticated else settings.SESSION_MAX_HOURS * 3600
    age = {"max_age": str(longest)}
    prompt = {"prompt": "login"} if request.user.is_authenticated else {}
    provider = CompanyProvider(request, app=company_app())
    try:
        answer: HttpResponse = provider.redirect(
            request,
            process="login",
            next_url=wanted if is_ours else reverse("admin:index"),
            auth_params={"nonce": nonce, **age, **prompt},
            nonce=nonce,
        )
    except FAULTS as error:
        return _refused(request, RefusedLogIn.PROVIDER, fault=error)
    return answer


@require_GET
@never_cache
def company_log_in_back(request: HttpRequest) -> HttpResponse:
    """Let in who comes back from the provider, if it says who it is."""
    _check_offered()
    state = statekit.unstash_state(
        request, provider_id=company_app().provider_id, state_id=request.GET.get("state", "")
    )
    if state is None:
        return _refused(request, RefusedLogIn.TOO_LATE)
    code = request.GET.get("code", "")
    if "error" in request.GET or not code:
        return _refused(request, RefusedLogIn.NOT_COMPLETED)
    try:
        claims = CompanyAdapter(request, company_app().provider_id).claims(
            code, verifier=state["pkce_code_verifier"], nonce=state["nonce"]
        )
        identity = identity_of(claims, _claim_names())
    except (*FAULTS, ClaimError) as error:
        return _refused(request, RefusedLogIn.PROVIDER, fault=error)
    try:
        person = person_of(identity, caller_of(request))
    except NotLetInError as error:
        tried = identity.email or identity.username
        return _refused(request, error.reason, tried=tried, person_id=error.person_id)
    return _let_in(request, person, identity, state["next"])


def _let_in(request: HttpRequest, person: User, identity: Identity, page: str) -> HttpResponse:
    """Log a person in; a second factor is asked for unless the provider has asked for one."""
    begin_log_in(request, person)
    # The provider may have let in who had logged in there before.
    request.session[PROVED] = min(identity.proved_at, int(timezone.now().timestamp()))
    if identity.has_second_factor:
        get_adapter().login(request, person)
        request.session[KEY] = True
        return HttpResponseRedirect(page)
    record_authentication(request, person, "socialaccount", provider="company")
    return perform_login(request, Login(user=person, redirect_url=page))


def _refused(
    request: HttpRequest,
    reason: RefusedLogIn,
    *,
    fault: Exception | None = None,
    tried: str = "",
    person_id: int | None = None,
) -> HttpResponse:
    """Say why nobody was logged in; of a fault, the log has what it was.

    ``tried`` is what the provider calls who tried, ``person_id`` whose account that is here.
    """
    logger.warning("A log-in at the provider was refused: %s", reason.value, exc_info=fault)
    count(
        caller_of(request),
        SecurityEvent.Kind.LOG_IN_FAILED,
        person_id=person_id,
        name=shown_name(tried, is_known=person_id is not None) if tried else "",
        cause=reason.value,
    )
    context = {
        **admin.site.each_context(request),
        "title": _("Log in"),
        "words": str(WORDS[reason]) % {"name": settings.OIDC_NAME or gettext("your company")},
    }
    template, status = "config/company_log_in_refused.html", STATUSES.get(reason, 403)
    answer = TemplateResponse(request, template, context, status=status)
    if reason is RefusedLogIn.TOO_MANY:
        answer["Retry-After"] = str(WINDOW_SECONDS)
    return answer


def _check_offered() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404


def _claim_names() -> ClaimNames:
    return ClaimNames(
        username=settings.OIDC_USERNAME_CLAIM,
        roles=settings.OIDC_ROLES_CLAIM,
        second_factor=settings.OIDC_SECOND_FACTOR,
    )


addresses = [
    path("", company_log_in, name="company_log_in"),
    path("back/", company_log_in_back, name=BACK_PAGE),
]
