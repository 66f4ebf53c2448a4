"""How production's web server logs: as the application does. The rest is on its command line."""

from config.logs import logging_settings

logconfig_dict = logging_settings(is_production=True)
for name in ("gunicorn.error", "gunicorn.access"):
    logconfig_dict["loggers"][name] = {"handlers": [], "level": "INFO", "propagate": True}
