"""Looks, before anything is installed, for what the commands of the README need of the machine.

Run by the Makefile with the machine's own Python; uses its standard library alone.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1024 * 1024
OLDEST_PYTHON = (3, 11)
ENVIRONMENT_MB = 700
DATA_MB = 70
# The first is Chromium without windows: a page takes it two thirds of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Some systems have Chromium, and not the one without windows.
PACKAGES = ("chromium-headless-shell", "chromium")
HOST = "127.0.0.1"


def lacking(command: str, *, root: Path, variables: Mapping[str, str]) -> list[str]:
    """Return what ``command`` (demo or test) lacks, a sentence each: what, and what to do."""
    found = [python_lacking(), disk_lacking(root)]
    if command == "demo":
        found.append(port_lacking(variables.get("PORT", "") or "8000"))
    else:
        found.append(browser_lacking())
    return [sentence for sentence in found if sentence]


def python_lacking() -> str:
    """Return a sentence if this Python is too old."""
    if sys.version_info >= OLDEST_PYTHON:
        return ""
    here = ".".join(map(str, sys.version_info[:3]))
    return f"Python 3.11 or newer is needed; this is {here}. Try make PYTHON=python3.12"


def disk_lacking(root: Path) -> str:
    """Return a sentence if the disk has no room for the environment and the data."""
    is_installed = (root / ".venv" / ".installed").exists()
    needed = DATA_MB + (0 if is_installed else ENVIRONMENT_MB)
    free = shutil.disk_usage(root).free // MEGABYTE
    if free >= needed:
        return ""
    return (
        f"{free} MB are free on the disk of {root}; {needed} MB are needed "
        f"({ENVIRONMENT_MB} MB environment, {DATA_MB} MB data)."
    )


def port_lacking(port: str) -> str:
    """Return a sentence if the web server cannot have ``port``."""
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return f"PORT is “{port}”; it should be a number from 1 to 65535."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(port)))
        except PermissionError:
            return (
                f"Port {port} is for the administrator alone; choose another: make demo PORT=8000"
            )
        except OSError:
            return f"Port {port} is taken; choose another: make demo PORT={int(port) % 65535 + 1}"
    return ""


def browser() -> str:
    """Return the path of the browser that the tests drive; empty if the machine has none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), "")


def browser_lacking() -> str:
    """Return a sentence if there is no browser for the tests."""
    if browser():
        return ""
    return "The tests drive a browser: install Chromium (Debian: apt-get install chromium)."


def install_browser() -> None:
    """Install Chromium on a Debian machine, as root or by sudo without a password; elsewhere do
    nothing."""
    as_root = [] if os.geteuid() == 0 else [shutil.which("sudo") or "", "-n"]
    installer = shutil.which("apt-get")
    if installer is None or "" in as_root:
        return
    print("Installing Chromium, which the tests drive ...")  # noqa: T201 - to whoever runs make.
    install = "install -qq -y --no-install-recommends"
    for step in ("update -qq", *(f"{install} {package}" for package in PACKAGES)):
        if not browser():
            subprocess.run(
                [*as_root, installer, *step.split()],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                check=False,
            )


if __name__ == "__main__":
    if sys.argv[1] == "test" and browser_lacking():
        install_browser()
    sentences = lacking(sys.argv[1], root=Path(__file__).resolve().parents[1], variables=os.environ)
    if sentences:
        sys.exit("\n".join(sentences))
