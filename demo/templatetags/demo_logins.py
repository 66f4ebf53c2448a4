"""Shows the demo's users on the log-in page of a demo."""

from typing import Any

from django import template
from django.conf import settings

from demo.users import logins

register = template.Library()


@register.inclusion_tag("demo/logins.html", takes_context=True)
def demo_logins(context: template.Context) -> dict[str, Any]:
    """List the demo's users with their password, each with a button that logs in; else nothing."""
    return {
        "names": logins() if settings.DEMO_LOGINS else [],
        "password": settings.DEMO_PASSWORD,
        "app_path": context.get("app_path"),
        "next": context.get("next"),
        "kept_form": context.get("kept_form"),
        "csrf_token": context.get("csrf_token"),
    }
