"""What all tests share."""

import pytest
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, settings

from inventory.admin.low_badge import KEY as LOW_COUNT
from tests.inbox import inbox

__all__ = ["inbox"]

# How long a machine takes says nothing of what is asked.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords():
    """Hash passwords once: a million rounds for each user of each test took most of the time."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _counted_already():
    """Keep the menu's count: a page that finds it expired asks two queries more than the last."""
    cache.set(LOW_COUNT, 0, None)
