"""An early pytest plugin: services of the test run's own, there before the settings are read.

They live in a temporary folder and go with it, so a test run never touches the demo's data.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config import local_services


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    folder = Path(tempfile.mkdtemp(prefix="backoffice-tests-"))
    folder.chmod(0o755)

    def stop() -> None:
        local_services.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    os.environ.update(local_services.ensure(folder, os.environ, is_throwaway=True))
