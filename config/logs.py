"""Logs: lines for people at a terminal, JSON in production, each with its request's id."""

import re
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

# Never the values of local variables: among them are passwords, keys and customers' data.
TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
# The token of an order's page, and of those that e-mails link to: who has it may act.
TOKEN = re.compile(
    r"(?:(?<=/order/)[0-9A-Za-z]+\.|(?<=/back-in-stock/confirm/)|(?<=/unsubscribe/))"
    r"[0-9A-Za-z]+\.[\w-]+"
    r"|(?<=/login/new-password/)[\w-]+/[0-9a-z]+-[0-9a-f]+"
)


def hide_tokens(_logger: Any, _method: str, event: Any) -> Any:
    """Take the tokens of links out of the addresses that are logged."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = TOKEN.sub("…", value)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def logging_settings(*, is_production: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's ``LOGGING``, and set structlog up to go through it."""
    structlog.configure(
        processors=[
            *SHARED[:3],
            *SHARED[4:],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    last = (
        [TRACEBACKS, structlog.processors.JSONRenderer()]
        if is_production
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_tokens,
                    *last,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
            # At a terminal, a page that is not there or not allowed is no news.
            "django.request": {"level": level if is_production else "ERROR"},
            "django_structlog": {"level": level if is_production else "ERROR"},
        },
    }
