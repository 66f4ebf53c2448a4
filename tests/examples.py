"""How many examples a law is tried on.

A run that leaves out what is marked ``long`` tries a quarter of them, others each time; one that
asks for all tests (``-m ""``) or for the long ones alone tries all.
"""

from hypothesis import HealthCheck, settings

ALL = 400


def choose(marks: str) -> None:
    """Take the number of examples for a run of the tests that ``marks`` asks for."""
    settings.register_profile(
        "tests",
        # How long a machine takes says nothing of what is asked.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        max_examples=ALL if marks in {"", "long"} else ALL // 4,
    )
    settings.load_profile("tests")


def examples(count: int) -> settings:
    """Return settings for a law that is tried on ``count`` examples when a run tries all."""
    return settings(max_examples=count * settings.default.max_examples // ALL)
