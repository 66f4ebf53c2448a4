"""Lets a person in who has lost what they proved with that it was them."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.log_in.second_factor import remove_factors
from core.callers import Caller
from core.management.arguments import text


class Command(BaseCommand):
    help = "Removes the second factors of a user, and ends the user's sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", type=text)

    def handle(self, *, username: str, **_options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no user named “%(name)s”.") % {"name": username})
        if not remove_factors(Caller(timezone.now()), [user.pk]):
            raise CommandError(_("“%(name)s” has no second factor.") % {"name": username})
        self.stdout.write(_("Removed the second factors of “%(name)s”.") % {"name": username})
