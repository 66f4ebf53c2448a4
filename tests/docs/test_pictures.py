"""Every picture of the documents is shown by one of them, and made by the script or drawn."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def taken() -> set[str]:
    """Return the names of the pictures that docs/screenshots.py takes."""
    tree = ast.parse((ROOT / "docs" / "screenshots.py").read_text())
    (pictures,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "PICTURES"
    ]
    return {name for names in pictures.values() for name in names}


def test_every_picture_is_taken_by_the_script_and_shown() -> None:
    kept = {path.stem for path in (ROOT / "docs" / "images").glob("*.png")}
    texts = [path.read_text() for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]]
    shown = {name for text in texts for name in re.findall(r"images/([\w-]+)\.png", text)}

    assert kept == taken()
    assert kept == shown
