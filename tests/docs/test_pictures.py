"""Every picture of the docs is shown, and taken from the templates and styles of this version."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs.picture_hashes import PageOrigin, made_from, read, stale, write
from docs.picture_pages import every_name
from docs.picture_story import STORY

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs" / "images"


def shown(kind: str) -> set[str]:
    """Return the names of the pictures of a kind that the README or a page shows."""
    texts = [path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]]
    return {name for text in texts for name in re.findall(rf"images/([\w-]+)\.{kind}", text)}


@pytest.mark.pure
def test_every_picture_is_taken_by_the_script_and_shown() -> None:
    kept = {path.stem for path in IMAGES.glob("*.png")}

    assert kept == set(every_name())
    assert kept == shown("png")


@pytest.mark.pure
def test_every_drawing_is_shown() -> None:
    assert {path.stem for path in IMAGES.glob("*.svg")} == shown("svg")


@pytest.mark.pure
def test_every_picture_is_of_this_version_of_its_templates_and_styles() -> None:
    records = read()

    assert set(records) == set(every_name())
    assert stale(records) == [], "make pictures NAMES='…'"
    for made in records.values():
        assert any(name.endswith(".html") for name in made["files"])
        assert any(name.endswith(".css") for name in made["files"])


@pytest.mark.pure
def test_a_changed_or_deleted_style_makes_its_pictures_stale(tmp_path: Path) -> None:
    for name in ("page.html", "page.css", "other.css"):
        (tmp_path / name).write_text(name)
    records = {
        "one": made_from(["page.html", "page.css"], tmp_path),
        "two": made_from(["other.css"], tmp_path),
    }
    assert stale(records, tmp_path) == []

    (tmp_path / "page.css").write_text("a {}")
    assert stale(records, tmp_path) == ["one"]

    (tmp_path / "other.css").unlink()
    assert stale(records, tmp_path) == ["one", "two"]


@pytest.mark.long
def test_a_reader_can_do_what_the_start_page_says(tmp_path: Path) -> None:
    """The pictures of docs/start.md are taken on the way: a backorder is released and shipped."""
    script = [sys.executable, str(ROOT / "docs" / "screenshots.py"), "--into", str(tmp_path)]
    earlier: PageOrigin = {"files": [], "hash": "of another version"}
    write(dict.fromkeys(("review", *STORY), earlier), tmp_path)

    subprocess.run([*script, "--stale"], check=True)

    records = read(tmp_path)
    assert set(records) == {"review", *STORY}
    assert {path.stem for path in tmp_path.glob("*.png")} == {"review", *STORY}
    assert "templates/fulfillment/review/page.html" in records["review"]["files"]
    assert "templates/fulfillment/shipment/page.html" in records["start-shipped"]["files"]
    assert stale(records) == []
