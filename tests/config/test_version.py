"""The version is written once, and is shown to people and programs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.version import VERSION

ROOT = Path(__file__).resolve().parents[2]


def test_the_changelog_begins_with_this_version() -> None:
    newest = re.findall(r"^## \[(\d[^\]]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest[0] == VERSION


def test_the_command_line_says_it() -> None:
    asked = [sys.executable, "manage.py", "--version"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)

    assert said.stdout == f"{VERSION}\n"


def test_the_description_of_the_api_has_it() -> None:
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == VERSION


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "sv", "fr"])
def test_the_user_menu_shows_it(admin_client: Client, language: str) -> None:
    page = admin_client.get("/admin/", headers={"accept-language": language})

    assert f">Version {VERSION}</p>" in page.text
