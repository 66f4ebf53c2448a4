"""How many examples a law is tried on.

A run of all tests (``-m ""``), or of the long ones alone, tries all examples; one that leaves out
what is marked ``long``, a quarter; one of the pure tests, a sixteenth. They are others each time.
"""

from hypothesis import HealthCheck, settings

from tests.present import present

ALL = 400
OF_A_RUN = {"": ALL, "long": ALL, "pure": ALL // 16}


def choose(marks: str) -> None:
    """Take the number of examples for a run of the tests that ``marks`` asks for."""
    settings.register_profile(
        "tests",
        # How long a machine takes says nothing of what is asked.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        max_examples=OF_A_RUN.get(marks, ALL // 4),
    )
    settings.load_profile("tests")


def examples(count: int) -> settings:
    """Return settings for a law that is tried on ``count`` examples when a run tries all."""
    return settings(max_examples=max(1, count * present(settings.default).max_examples // ALL))
