"""What is looked for before anything is installed."""

import shutil
import socket
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from config import preflight
from config.local_services.network_ports import free_port

ROOT = Path(__file__).resolve().parents[2]
Usage = namedtuple("Usage", "total used free")


def test_a_machine_with_everything_lacks_nothing() -> None:
    assert preflight.lacking("test", root=ROOT, variables={}) == []
    assert preflight.lacking("demo", root=ROOT, variables={"PORT": f"{free_port()}"}) == []


def test_a_disk_without_room_is_one_sentence_with_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, 769 * 1024 * 1024))

    assert preflight.disk_lacking(tmp_path) == (
        f"769 MB are free on the disk of {tmp_path}; 770 MB are needed "
        "(700 MB environment, 70 MB data)."
    )
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".installed").touch()
    assert preflight.disk_lacking(tmp_path) == ""


def test_a_taken_port_is_said_before_anything_is_installed() -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        made = subprocess.run(
            ["make", "demo", f"PORT={port}"],  # noqa: S607 - the make of this machine
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    assert made.returncode != 0
    assert f"Port {port} is taken; choose another: make demo PORT={port + 1}" in made.stderr


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "١٢"])
def test_a_port_that_is_none_says_what_it_should_be(port: str) -> None:
    assert preflight.port_lacking(port) == (
        f"PORT is “{port}”; it should be a number from 1 to 65535."
    )


def test_without_a_browser_the_message_names_the_one_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert preflight.browser_lacking() == (
        "The tests drive a browser: install Chromium (Debian: apt-get install chromium)."
    )


def test_chromium_without_windows_is_driven_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("google-chrome", "chromium", "chromium-headless-shell"):
        program(tmp_path / name, "#!/bin/sh")

        assert preflight.browser() == str(tmp_path / name)


APT = """#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >> {log}
case "$*" in *" {package}") printf '#!/bin/sh' > {browser}; chmod +x {browser};; esac
"""
INSTALL = "noninteractive install -qq -y --no-install-recommends"


@pytest.mark.parametrize(
    ("package", "steps"),
    [
        ("chromium-headless-shell", [f"{INSTALL} chromium-headless-shell"]),
        ("chromium", [f"{INSTALL} chromium-headless-shell", f"{INSTALL} chromium"]),
    ],
)
def test_a_browser_is_installed_where_the_machine_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, steps: list[str]
) -> None:
    log, browser = tmp_path / "log", tmp_path / package
    program(tmp_path / "apt-get", APT.format(log=log, browser=browser, package=package))
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/sbin")
    monkeypatch.setattr(preflight, "BROWSERS", (str(browser),))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert preflight.browser_lacking() != ""

    preflight.install_browser()

    assert preflight.browser_lacking() == ""
    assert log.read_text().splitlines() == ["noninteractive update -qq", *steps]


def test_no_browser_is_installed_without_the_right_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    program(
        tmp_path / "apt-get", APT.format(log=log, browser=tmp_path / "chromium", package="chromium")
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    preflight.install_browser()

    assert not log.exists()

    program(tmp_path / "sudo", f'#!/bin/sh\necho "sudo $1" >> {log}; exit 1\n')
    preflight.install_browser()

    assert log.read_text().splitlines() == ["sudo -n"] * 3


def program(path: Path, script: str) -> None:
    path.write_text(script)
    path.chmod(0o755)
