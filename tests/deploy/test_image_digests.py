"""The images that others make can be named by their digests, by a command of the documentation."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[2]
FILES = ("Dockerfile", "compose.yaml")
# In place of the engine, which asks a registry: the digest tells for which image it was asked.
ENGINE = """#!/bin/sh
printf 'sha256:'; printf '%s' "$4" | sha256sum | cut -c1-64
"""


def named(folder: Path) -> list[str]:
    text = "\n".join((folder / name).read_text() for name in FILES)
    found = re.findall(r"^(?:FROM|\s+image:) (\S+)", text, re.MULTILINE)
    return [image for image in found if not image.startswith("backoffice")]


def test_the_documented_command_writes_the_digest_of_each_image_and_renews_it(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "operations" / "install.md").read_text()
    [command] = re.findall(r"```sh\n(for image in .+?)```", page, re.DOTALL)
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    before = named(tmp_path)
    engine = tmp_path / "docker"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    after = []
    for _time in range(2):
        subprocess.run(["/bin/sh", "-ec", command], cwd=tmp_path, env=path, check=True)
        after.append(named(tmp_path))

    assert len(before) == 4
    digests = [re.fullmatch(r"(\S+)@sha256:[0-9a-f]{64}", image) for image in after[0]]
    assert [found and found[1] for found in digests] == before
    assert after[1] == after[0]
