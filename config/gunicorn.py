"""How production's web server works."""

from config.logs import logging_settings

worker_class = "config.web_worker.HealthyWorker"
logconfig_dict = logging_settings(is_production=True)
for name in ("gunicorn.error", "gunicorn.access"):
    logconfig_dict["loggers"][name] = {"handlers": [], "level": "INFO", "propagate": True}
