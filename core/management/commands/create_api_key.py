"""Prints a new API key of a user, alone."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from core.management.arguments import text
from core.operations.api_keys import PastEndError, issue_key

NAME_MAX_LENGTH = 100


def moment(written: str) -> datetime:
    """Read a time; without a time zone it is in the site's.

    :raises ArgumentTypeError: if it is none.
    """
    try:
        found = parse_datetime(written)
    except ValueError:
        found = None
    if found is None:
        raise ArgumentTypeError(f"“{written}” is no time; write for instance 2027-01-31T12:00")
    return timezone.make_aware(found) if timezone.is_naive(found) else found


class Command(BaseCommand):
    help = "Makes an API key for a user and prints it, alone, on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", type=text)
        parser.add_argument(
            "--name", type=text, default="command line", help="which program uses the key"
        )
        parser.add_argument("--expires", type=moment, help="when the key ends: 2027-01-31T12:00")

    def handle(self, *, username: str, name: str, expires: datetime | None, **options: Any) -> None:
        user = get_user_model().objects.filter(username=username).order_by("pk").first()
        if user is None:
            raise CommandError(_("There is no user named “%(name)s”.") % {"name": username})
        if len(name) > NAME_MAX_LENGTH:
            raise CommandError(_("A name has at most 100 characters."))
        try:
            _key, secret = issue_key(user.pk, name=name, now=timezone.now(), expires_at=expires)
        except PastEndError as error:
            raise CommandError(_("The end is in the past. Choose a later one.")) from error
        self.stdout.write(secret)
