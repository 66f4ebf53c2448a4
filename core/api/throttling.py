"""How often a user may ask; beyond it 429 with ``Retry-After``."""

from rest_framework.throttling import UserRateThrottle


class UserThrottle(UserRateThrottle):
    """Counts each user's requests in the cache; the rate is a setting (``API_RATE``)."""

    scope = "user"
