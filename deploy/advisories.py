"""The known faults of the packages that production installs.

``python -m deploy.advisories`` asks the public collection of advisories; it fails where one
concerns a package of the lock, and says so in one sentence where the collection cannot be reached.
"""

import os
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
# What the collection's client says where it is not reached.
UNREACHABLE = ("ConnectionError", "Timeout", "ServiceError", "ConnectTimeout")
PATIENCE_SECONDS = 10
MOST_SECONDS = 300


def main() -> int:
    """Return 0 where nothing is known, or nothing could be asked; else 1."""
    command = [
        sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes",
        "--disable-pip", "--vulnerability-service", "osv", "--progress-spinner", "off",
        "--timeout", str(PATIENCE_SECONDS),
    ]  # fmt: skip
    # Another collection of the same form, as a company may have one.
    if address := os.environ.get("ADVISORIES_URL"):
        command += ["--osv-url", address]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=MOST_SECONDS
        )
    except subprocess.TimeoutExpired:
        return _not_asked()
    if asked.returncode and not asked.stdout and any(each in asked.stderr for each in UNREACHABLE):
        return _not_asked()
    sys.stdout.write(asked.stdout)
    sys.stderr.write(asked.stderr)
    return asked.returncode


def _not_asked() -> int:
    sys.stderr.write("The advisories could not be asked: their collection was not reached.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
