"""Django's changepassword, after which what was opened with the former password ends."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.models import User
from django.utils import timezone

from config.log_in.new_password import end_what_was_opened
from core.callers import Caller
from core.management.arguments import check_texts


class Command(changepassword.Command):
    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)  # type: ignore[arg-type] # Django's own subclass of it
        check_texts(parser, "username")

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Set a password as Django does; the person is informed, and it is a security event."""
        said: str | None = super().handle(*args, **options)
        person = User.objects.get(username=options["username"] or getpass.getuser())
        end_what_was_opened(Caller(timezone.now()), person.pk)
        return said
