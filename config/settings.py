"""Every setting of the project, read from the environment.

Production and development differ only in their environment; the variables are listed, with what
each is for, in ``.env.example``.
"""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import commands, database_limits, environment, local_services
from config.applications import INSTALLED_APPS, MIDDLEWARE, PROJECT_APPS
from config.content_policy import CONTENT_SECURITY_POLICY
from config.insecurities import YEAR_SECONDS, Exposure, insecurities
from config.local_services.secret_file import secret_in
from config.logs import logging_settings
from config.theme import UNFOLD
from config.version import VERSION
from core.postgresql.driver import Connection

__all__ = ["CONTENT_SECURITY_POLICY", "INSTALLED_APPS", "MIDDLEWARE", "PROJECT_APPS", "UNFOLD"]

BASE_DIR = Path(__file__).resolve().parent.parent
environment.read_file(BASE_DIR / ".env")

# Where this runs, and what must hold there
ENVIRONMENT = environment.choice("ENVIRONMENT", "local", ("local", "production"))
IS_PRODUCTION = ENVIRONMENT == "production"
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var")))
DEBUG = environment.yes_no("DEBUG", default=False)
# Whether the log-in page shows the demo's users and their password; ``manage.py up`` says so.
DEMO_LOGINS = environment.yes_no("DEMO_LOGINS", default=False)
SECRET_KEY = environment.text("SECRET_KEY")
# Former keys: what they signed is still taken, nothing new is signed with them.
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = environment.origins("CSRF_TRUSTED_ORIGINS")
# Where customers reach the site, without which e-mails have no links.
SITE_URL = environment.web_address("SITE_URL")
# What watches: without a token, metrics are for this machine alone.
METRICS_TOKEN = environment.text("METRICS_TOKEN")
SECURE_HSTS_SECONDS = environment.whole("SECURE_HSTS_SECONDS", YEAR_SECONDS if IS_PRODUCTION else 0)
SECURE_HSTS_PRELOAD = environment.yes_no("SECURE_HSTS_PRELOAD", default=False)
DATABASE_URL = environment.text("DATABASE_URL")
OWNER_DATABASE_URL = environment.text("OWNER_DATABASE_URL")
REDIS_URL = environment.text("REDIS_URL")
CACHE_URL = environment.text("CACHE_URL")
MAIL_HOST = environment.host("EMAIL_HOST")
EMAIL_USE_TLS = environment.yes_no("EMAIL_USE_TLS", default=IS_PRODUCTION)
# Reached over a private network: database, broker and mail server there need no encryption.
UNENCRYPTED_HOSTS = environment.hosts("UNENCRYPTED_HOSTS")
if IS_PRODUCTION:
    exposure = Exposure(
        secret_key=SECRET_KEY,
        former_secret_keys=SECRET_KEY_FALLBACKS,
        is_build=commands.builds_image(sys.argv),
        metrics_token=METRICS_TOKEN,
        is_debug=DEBUG,
        shows_logins=DEMO_LOGINS,
        allowed_hosts=ALLOWED_HOSTS,
        trusted_origins=CSRF_TRUSTED_ORIGINS,
        site_url=SITE_URL,
        preloads_hsts=SECURE_HSTS_PRELOAD,
        hsts_seconds=SECURE_HSTS_SECONDS,
        given={"DATABASE_URL": DATABASE_URL, "REDIS_URL": REDIS_URL},
        others={"OWNER_DATABASE_URL": OWNER_DATABASE_URL, "CACHE_URL": CACHE_URL},
        mail_host="" if EMAIL_USE_TLS else MAIL_HOST,
        unencrypted_hosts=UNENCRYPTED_HOSTS,
    )
    if problems := insecurities(exposure):
        raise ImproperlyConfigured(" ".join(["This would be insecure:", *problems]))
else:
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["127.0.0.1", "localhost", "[::1]"]
    try:
        services = (
            local_services.named(os.environ)
            if commands.starts_nothing(sys.argv)
            else local_services.ensure(VAR_DIR, os.environ, tell=commands.start_notice(sys.argv))
        )
        SECRET_KEY = SECRET_KEY or secret_in(VAR_DIR / "secret_key")
    except local_services.LocalServiceError as error:
        sys.exit(f"{error}")
    DATABASE_URL, REDIS_URL = services["DATABASE_URL"], services["REDIS_URL"]

REDIS_URL = environment.broker(REDIS_URL, "REDIS_URL")

# Pages
FORM_RENDERER = "core.admin.plain_controls.Renderer"
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Data; time limits are in seconds, 0 is none. Commands have those of workers.
network = {
    "connect": environment.whole("DATABASE_CONNECT_SECONDS", 3, minimum=2),
    "network": environment.whole("DATABASE_NETWORK_SECONDS", 30, minimum=4),
}
limits = {
    "web": database_limits.SessionLimits(
        statement=environment.whole("DATABASE_STATEMENT_SECONDS", 30),
        lock=environment.whole("DATABASE_LOCK_SECONDS", 3),
        idle=environment.whole("DATABASE_IDLE_SECONDS", 60),
    ),
    "worker": database_limits.SessionLimits(
        statement=environment.whole("WORKER_STATEMENT_SECONDS", 900),
        lock=environment.whole("WORKER_LOCK_SECONDS", 30),
        idle=environment.whole("WORKER_IDLE_SECONDS", 300),
    ),
}
# The app works as a role that changes no table; the owner's commands as another, where it is named.
APP_DATABASE = environment.database(DATABASE_URL)
owner = environment.database(OWNER_DATABASE_URL or DATABASE_URL, "OWNER_DATABASE_URL")
database = owner if commands.is_of_owner(sys.argv) else APP_DATABASE
parts = {
    part: database_limits.with_options(
        database, database_limits.connection_options(limit, **network)
    )
    for part, limit in limits.items()
}
DATABASES = {"default": parts["worker"]}
DATABASE_PARTS = {part: dict(values["OPTIONS"]) for part, values in parts.items()}
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if environment.yes_no("DATABASE_POOL", default=IS_PRODUCTION):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "connection_class": Connection,
        "min_size": 1,
        "max_size": 8,
        "timeout": environment.whole("DATABASE_POOL_SECONDS", 3, minimum=1),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Language and time: stored in UTC; "today" is the date in the site's time zone.
LANGUAGES = [("en", _("English")), ("sv", _("Swedish")), ("fr", _("French"))]
# The site's own, where neither a person nor a browser asks for one.
LANGUAGE_CODE = environment.choice(
    "SITE_LANGUAGE", "en", tuple(code for code, _language in LANGUAGES)
)
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.locale_formats"
TIME_ZONE = SITE_TIME_ZONE = environment.time_zone("SITE_TIME_ZONE", "UTC")
# Products have their prices in it; orders that name no currency are in it.
SITE_CURRENCY = environment.currency("SITE_CURRENCY", "USD")

# Static files, served by the application itself
STATIC_URL = "static/"
# Collected in production; elsewhere found where it is, and this folder stays empty.
STATIC_ROOT = BASE_DIR / "staticfiles" if IS_PRODUCTION else VAR_DIR / "staticfiles"
if not IS_PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = not IS_PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Security
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "config.log_in.site_words.SiteWordValidator"})
AUTHENTICATION_BACKENDS = ["config.log_in.backend.AuthenticationBackend"]
ACCOUNT_ADAPTER = "config.log_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Own limits, in the database, are in place of allauth's.
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "config.log_in.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION
SECOND_FACTOR_FOR = environment.second_factor_for(
    "SECOND_FACTOR_FOR", "powers" if IS_PRODUCTION else "nobody"
)
# Wrong passwords lock; sessions end without a page, and some time after the log-in
LOG_IN_FAILURES = environment.whole("LOG_IN_FAILURES", 10, minimum=3, maximum=100)
LOG_IN_LOCK_MINUTES = environment.whole("LOG_IN_LOCK_MINUTES", 30, minimum=1)
SESSION_COOKIE_AGE = 60 * environment.whole("SESSION_IDLE_MINUTES", 60, minimum=5)
SESSION_MAX_HOURS = environment.whole("SESSION_MAX_HOURS", 12, minimum=1)
# Whether a new password ends the API keys of its person, too
API_KEYS_END_WITH_PASSWORD = environment.yes_no("API_KEYS_END_WITH_PASSWORD", default=False)
# A new password by e-mail: its link needs the address of the site, and works for an hour
OFFERS_PASSWORD_RESET = bool(MAIL_HOST and SITE_URL)
PASSWORD_RESET_TIMEOUT = 60 * 60
# For how long security events are kept, and customers of ended orders without news; 0: for ever
SECURITY_EVENT_DAYS = environment.whole("SECURITY_EVENT_DAYS", 365, minimum=30)
PERSONAL_DATA_DAYS = environment.whole("PERSONAL_DATA_DAYS", 0)
# The company's own log-in beside that by password, by OpenID Connect
OIDC_ISSUER = environment.issuer("OIDC_ISSUER")
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET")
environment.check_open_id(OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET)
OIDC_NAME = environment.text("OIDC_NAME")
OIDC_MAKES_ACCOUNTS = environment.yes_no("OIDC_MAKES_ACCOUNTS", default=False)
OIDC_USERNAME_CLAIM = environment.text("OIDC_USERNAME_CLAIM", "preferred_username")
OIDC_ROLES_CLAIM = environment.text("OIDC_ROLES_CLAIM")
# What of amr or acr says that the provider has asked for a second factor
OIDC_SECOND_FACTOR = environment.words("OIDC_SECOND_FACTOR") or ["mfa"]
SOCIALACCOUNT_ADAPTER = "config.open_id.company_provider.CompanyRequests"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_PRODUCTION
# With these names browsers take cookies from this host alone, over TLS.
COOKIE_PREFIX = "__Host-" if IS_PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "config.message_cookie.MessageStorage"
SECURE_SSL_REDIRECT = environment.yes_no("SECURE_SSL_REDIRECT", default=IS_PRODUCTION)
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_PRODUCTION
BEHIND_PROXY = environment.yes_no("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_FAILURE_VIEW = "config.error_handlers.csrf_failure"

# The broker and the cache, apart by their keys: all but background work goes on without them
BROKER_SECONDS = environment.whole("BROKER_SECONDS", 1, minimum=1)
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": environment.broker(CACHE_URL or REDIS_URL, "CACHE_URL"),
        "KEY_PREFIX": "backoffice-cache",
        "OPTIONS": {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS},
    }
}

# Background work: workers outlive the broker, however long it is away or full
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 5 * BROKER_SECONDS,
    "socket_timeout": 5 * BROKER_SECONDS,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 50 * 60
# A slow mail server keeps only the workers of this queue waiting.
CELERY_TASK_ROUTES = {
    "core.look_after_log_ins": {"queue": "mail"},
    "orders.send_emails": {"queue": "mail"},
    "inventory.send_low_stock_digests": {"queue": "mail"},
    "inventory.send_back_in_stock": {"queue": "mail"},
    "fulfillment.send_demand_digests": {"queue": "mail"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "fulfillment.beat:Scheduler"
# When a job was last started is written at once: pages show it.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# How long the decisions of a release run are kept; the run itself stays.
RUN_RETENTION_DAYS = environment.whole("RUN_RETENTION_DAYS", 90, minimum=1)

# Files that people bring in, and for how long their text is kept
IMPORT_MAX_BYTES = environment.whole("IMPORT_MAX_BYTES", 50 * 1024 * 1024, minimum=1)
IMPORT_KEPT_DAYS = environment.whole("IMPORT_KEPT_DAYS", 30, minimum=1)

# Mail
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_BACKEND = (
    "core.smtp.EmailBackend"
    if MAIL_HOST
    else f"django.core.mail.backends.{'console' if IS_PRODUCTION else 'filebased'}.EmailBackend"
)
EMAIL_HOST = MAIL_HOST or "localhost"
EMAIL_PORT = environment.whole("EMAIL_PORT", 587, minimum=1, maximum=65535)
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_TIMEOUT = 20
EMAIL_CONNECTIONS = environment.whole("EMAIL_CONNECTIONS", 4, minimum=1, maximum=100)
# Whose reports of bounces are taken, what they show, and what the provider signs them with
EMAIL_WEBHOOK_PROVIDER = environment.choice(
    "EMAIL_WEBHOOK_PROVIDER", "", environment.WEBHOOK_PROVIDERS
)
EMAIL_WEBHOOK_SECRET = environment.text("EMAIL_WEBHOOK_SECRET")
EMAIL_WEBHOOK_SIGNING_KEY = environment.text("EMAIL_WEBHOOK_SIGNING_KEY")
environment.check_webhook(EMAIL_WEBHOOK_PROVIDER, EMAIL_WEBHOOK_SECRET, EMAIL_WEBHOOK_SIGNING_KEY)
DEFAULT_FROM_EMAIL = environment.sender("DEFAULT_FROM_EMAIL", "orders@example.com")

# The pages of customers: how often each link and each address may ask in a minute
ORDER_PAGE_RATE = environment.whole("ORDER_PAGE_RATE", 60, minimum=1)

# The HTTP API
API_RATE = environment.rate("API_RATE", "1200/min")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
# A product at 1,000 sources has some fifteen fields for each.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.EndpointSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_RATES": {"user": API_RATE},
    "EXCEPTION_HANDLER": "inventory.api.faults.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Backorder back office",
    "VERSION": VERSION,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["core.api.schema.close_request_bodies"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

# The password of the demo's users
DEMO_PASSWORD = environment.text("DEMO_PASSWORD", "backorders")

LOG_LEVEL = environment.choice("LOG_LEVEL", "info", ("info", "warning", "error"))
LOGGING = logging_settings(is_production=IS_PRODUCTION, level=LOG_LEVEL.upper())
DJANGO_STRUCTLOG_CELERY_ENABLED = True
