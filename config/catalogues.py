"""Compiles the catalogues of translations, which are kept as text.

Python reads the compiled ones; they are made where they are missing or older than their text, so
that nobody commits them by hand.
"""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "locale"


def texts(folder: Path = FOLDER) -> list[Path]:
    """Return the catalogues that people write, one for each language."""
    return sorted(folder.glob("*/LC_MESSAGES/django.po"))


def compile_catalogues(folder: Path = FOLDER) -> list[Path]:
    """Compile each catalogue that has changed since; return what was written.

    :raises OSError: if the folder is read-only, as in a container whose image was built without.
    """
    written = []
    for text in texts(folder):
        compiled = text.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime:
            continue
        # Seldom needed, and slow to load.
        from babel.messages.mofile import write_mo  # noqa: PLC0415
        from babel.messages.pofile import read_po  # noqa: PLC0415

        with text.open("rb") as file:
            catalogue = read_po(file, locale=text.parts[-3])
        # Two who start at once write two files, and either may stay.
        part = compiled.with_suffix(f".{os.getpid()}")
        with part.open("wb") as file:
            write_mo(file, catalogue)
        part.replace(compiled)
        written.append(compiled)
    return written


if __name__ == "__main__":
    compile_catalogues()
