"""What all tests share."""

import pytest
from django.test import override_settings

from tests.inbox import inbox

__all__ = ["inbox"]


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords():
    """Hash passwords once: a million rounds for each user of each test took most of the time."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
