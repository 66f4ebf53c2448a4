"""What the tests of core share."""

from tests.mail_server import server

__all__ = ["server"]
