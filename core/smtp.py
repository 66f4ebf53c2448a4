"""Django's SMTP backend, which also says when a server's answer to a message was lost."""

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend


class OutcomeUnknownError(smtplib.SMTPException):
    """The connection was lost after the message was handed over, before the server answered."""


class _SmtpWithOutcome(smtplib.SMTP):
    """Tells a message that may have arrived from one that was never handed over."""

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except smtplib.SMTPResponseException:
            # A refusal is an answer too.
            raise
        except OSError as error:
            raise OutcomeUnknownError(str(error)) from error


class _Smtp(_SmtpWithOutcome):
    """SMTP, or SMTP with STARTTLS."""


class _SmtpOverTls(_SmtpWithOutcome, smtplib.SMTP_SSL):
    """SMTP over TLS."""


class EmailBackend(DjangoEmailBackend):
    """Sends as Django does.

    :raises OutcomeUnknownError: where nobody knows whether the server took the message.
    """

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpOverTls if self.use_ssl else _Smtp
