"""Counts the clicks of a task."""

from playwright.sync_api import Locator

from tests.browser.conftest import follow


class Clicks:
    """Follows links and buttons, and counts; typing is no click."""

    def __init__(self) -> None:
        self.count = 0

    def go(self, target: Locator) -> None:
        self.count += 1
        follow(target)

    def open(self, target: Locator) -> None:
        self.count += 1
        target.click()
