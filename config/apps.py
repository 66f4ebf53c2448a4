"""Holds the project's own commands; loads Celery with Django so that tasks find it."""

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["ProjectConfig", "celery_app"]


class ProjectConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import limit_rules  # noqa: PLC0415 - models come first

        limit_rules.register_rules()
