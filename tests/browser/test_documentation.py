"""The documentation builds without a warning, and needs no other host."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = re.compile(r'<(?:script|link|img|iframe)\b[^>]*?(?:src|href)="?(?:https?:)?//', re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as ``make lint`` builds it."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (built.returncode, built.stdout + built.stderr) == (0, "")
    return folder


def test_every_page_is_built_in_each_language(site: Path) -> None:
    """A page that the nav leaves out, or a link that leads nowhere, is a warning: no site."""
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    english = {path for path in pages if path.suffixes[:-1] not in ([".sv"], [".fr"])}
    built = {path.with_suffix(".html") for path in english}

    assert len(built) > 40
    for language in ("en", "sv", "fr"):
        folder = site if language == "en" else site / language
        assert [path for path in built if not (folder / path).is_file()] == []
        assert f'<html lang="{language}"' in (folder / "index.html").read_text()


def test_a_page_without_a_translation_says_that_it_is_in_english(site: Path) -> None:
    note = "Den här sidan finns bara på engelska."

    assert '<div lang="en">' in (site / "sv" / "operations" / "backup.html").read_text()
    assert note in (site / "sv" / "operations" / "backup.html").read_text()
    assert note not in (site / "sv" / "start.html").read_text()
    assert "<div lang=" not in (site / "operations" / "backup.html").read_text()


def test_no_page_asks_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))

    assert len(pages) > 120
    assert [path for path in pages if OUTSIDE.search(path.read_text())] == []
    assert "iframe-worker.js" in (site / "index.html").read_text()


def test_the_index_of_the_search_has_every_language(site: Path) -> None:
    index = (site / "search" / "search_index.js").read_text()
    found = json.loads(index.removeprefix("var __index = "))

    assert found["config"]["lang"] == ["en", "sv", "fr"]
    pages = {entry["location"] for entry in found["docs"]}
    assert "operations/backup.html" in pages
    for path in (ROOT / "docs").rglob("*.*.md"):
        page, language, _md = path.relative_to(ROOT / "docs").as_posix().rsplit(".", 2)
        assert f"{language}/{page}.html" in pages


def test_search_works_in_a_folder_without_a_network(site: Path, browser: Browser) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()

    for address, words, result in (
        ("index.html", "restore backup", "operations/backup.html"),
        ("sv/index.html", "importera fil", "sv/guides/merchant-import.html"),
        ("fr/index.html", "importer fichier", "fr/guides/merchant-import.html"),
    ):
        page.goto((site / address).as_uri())
        page.locator("input.md-search__input").fill(words)
        expect(page.locator(f'.md-search-result__link[href*="{result}"]').first).to_be_attached()
    context.close()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"])
def test_what_the_repository_s_own_pages_link_to_is_there(name: str) -> None:
    links = LINK.findall((ROOT / name).read_text())

    assert [link for link in links if not (ROOT / link).exists()] == []
