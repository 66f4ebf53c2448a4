"""How the admin looks: the theme's own settings."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

static_url = lazy(static, str)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Backorder back office"),
    "SITE_HEADER": _("Backorder back office"),
    "SITE_SYMBOL": "inventory_2",
    "SITE_URL": reverse_lazy("admin:index"),
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": static_url("config/favicon.svg")}
    ],
    "STYLES": [
        static_url("config/controls.css"),
        static_url("config/theme.css"),
        static_url("config/forms.css"),
        static_url("config/crumbs.css"),
        static_url("config/search.css"),
    ],
    "SCRIPTS": [
        static_url("config/alpine_components.js"),
        static_url("config/scrolled_areas.js"),
        static_url("config/named_choices.js"),
        static_url("config/code_lookup.js"),
        static_url("config/search.js"),
        static_url("config/autofocus.js"),
        static_url("config/save_key.js"),
    ],
    "DASHBOARD_CALLBACK": "fulfillment.admin.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "config.navigation.sidebar",
    },
}
