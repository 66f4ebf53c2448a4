"""What follows the restore of a backup, before the processes start again."""

from typing import Any

from django.core.management.base import BaseCommand

from core.operations.unsent_emails import doubt_unsent


class Command(BaseCommand):
    help = (
        "After the restore of a backup, before the processes start: e-mails that were still to be "
        "sent when it was made are kept until a person sends them, for they may have been sent."
    )

    def handle(self, **_options: Any) -> None:
        count = doubt_unsent()
        self.stdout.write(
            f"E-mails that may have been sent: {count}. They are kept; “Customer e-mails” and "
            "“My work” list them, and send them again."
        )
