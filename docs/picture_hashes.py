"""What each picture of the docs was made from, by hash.

``docs/images/pictures.json`` keeps them beside the pictures. A picture is stale when one of these
files has changed since, however old the picture is.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MANIFEST = "pictures.json"


class PageOrigin(TypedDict):
    """The files of the project that a page was made from, and the hash of their contents."""

    files: list[str]
    hash: str


def made_from(files: Iterable[str], root: Path = ROOT) -> PageOrigin:
    """Return the record of a picture; ``files`` are paths below ``root``."""
    names = sorted(set(files))
    return {"files": names, "hash": hash_of(names, root)}


def hash_of(names: Iterable[str], root: Path = ROOT) -> str:
    """Return one hash over the names and contents of files; a file that is gone has none."""
    whole = sha256()
    for name in names:
        path = root / name
        content = sha256(path.read_bytes()).hexdigest() if path.exists() else "gone"
        whole.update(f"{name} {content}\n".encode())
    return whole.hexdigest()


def read(images: Path = IMAGES) -> dict[str, PageOrigin]:
    """Return the records of all pictures of a folder, by name."""
    manifest = images / MANIFEST
    records: dict[str, PageOrigin] = json.loads(manifest.read_text()) if manifest.exists() else {}
    return records


def write(records: dict[str, PageOrigin], images: Path = IMAGES) -> None:
    """Write the records of all pictures of a folder."""
    (images / MANIFEST).write_text(json.dumps(records, indent=1, sort_keys=True) + "\n")


def stale(records: dict[str, PageOrigin], root: Path = ROOT) -> list[str]:
    """Return the pictures that were made from another version of their templates or styles."""
    return sorted(
        name for name, made in records.items() if hash_of(made["files"], root) != made["hash"]
    )
