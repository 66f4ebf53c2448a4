"""An early pytest plugin: services of the test run's own, there before the settings are read.

They live in a temporary folder and end with the test run, however it ends, so a test run never
touches the demo's data and leaves nothing behind.
"""

import atexit
import os
import shutil

import pytest

from config import local_services
from config.local_services.keeper import Keeper, remove_ownerless, throwaway_folder


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    remove_ownerless()
    folder = throwaway_folder()
    keeper = Keeper(folder, is_throwaway=True)

    def stop() -> None:
        local_services.remove(folder)
        shutil.rmtree(folder, ignore_errors=True)
        keeper.dismiss()

    atexit.register(stop)
    os.environ.update(local_services.ensure(folder, os.environ, is_throwaway=True))
