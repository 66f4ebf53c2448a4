"""Hands an e-mail about a log-in to the mail server."""

import logging
import smtplib
from collections.abc import Callable
from enum import Enum

from core.operations.mail import is_for_good
from core.smtp import OutcomeUnknownError

# Answers of a mail server about one e-mail: it takes others.
ABOUT_ONE = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
logger = logging.getLogger(__name__)


class HandedOver(Enum):
    """What came of an e-mail.

    ``DONE``: it was taken. ``GIVEN_UP``: refused for good, or it may have arrived: it is not sent
    again. ``LATER``: refused for now. ``SERVER_AWAY``: for now the server takes no other either.
    """

    DONE = "done"
    GIVEN_UP = "given up"
    LATER = "later"
    SERVER_AWAY = "server away"

    @property
    def is_open(self) -> bool:
        """Whether it is to be tried again."""
        return self in (HandedOver.LATER, HandedOver.SERVER_AWAY)


def hand_over(send: Callable[[], object], *, subject: str) -> HandedOver:
    """Send one e-mail; return what came of it. ``subject``: what the log calls it."""
    try:
        send()
    except OutcomeUnknownError:
        logger.warning("The e-mail about %s may have arrived", subject, exc_info=True)
        return HandedOver.GIVEN_UP
    except OSError as error:
        if is_for_good(error):
            logger.warning("The e-mail about %s was refused", subject, exc_info=True)
            return HandedOver.GIVEN_UP
        logger.warning("The e-mail about %s is sent later", subject, exc_info=True)
        return HandedOver.LATER if isinstance(error, ABOUT_ONE) else HandedOver.SERVER_AWAY
    return HandedOver.DONE
