"""Both local services together: started once, found again by every process of this checkout."""

import fcntl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.local_services.broker import Broker
from config.local_services.errors import explained
from config.local_services.postgres import Postgres

UNUSED = {
    "DATABASE_URL": "postgres://unused@127.0.0.1:1/unused",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}


def named(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that ``environment`` names, and for others one where nothing answers.

    For commands that need no services, and start none.
    """
    return {name: environment.get(name, "") or url for name, url in UNUSED.items()}


def ensure(
    folder: Path,
    environment: Mapping[str, str],
    *,
    is_throwaway: bool = False,
    tell: Callable[[str], None] | None = None,
) -> dict[str, str]:
    """Return the ``DATABASE_URL`` and ``REDIS_URL`` to use, starting what they do not name.

    ``folder`` keeps all data of local services; ``is_throwaway`` trades durability for speed, for
    tests. Two processes that ask at once start each server once. ``tell`` is called with the name
    of each service that was started by this call.

    :raises LocalServiceError: in one sentence, when a service cannot be had.
    """
    urls = {name: environment.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    if all(urls.values()):
        return urls
    with explained(folder), _locked(folder):
        if not urls["DATABASE_URL"]:
            postgres = Postgres.at(folder, is_throwaway=is_throwaway)
            if postgres.start() and tell is not None:
                tell("PostgreSQL")
            urls["DATABASE_URL"] = postgres.url
        if not urls["REDIS_URL"]:
            broker = Broker(folder / "broker", is_throwaway=is_throwaway)
            if broker.start() and tell is not None:
                tell("The broker")
            urls["REDIS_URL"] = broker.url
    return urls


def app_database_url(folder: Path) -> str:
    """Return the URL of the local database of ``folder`` for the role that changes no table."""
    return Postgres.at(folder).app_url


def stop(folder: Path) -> None:
    """Stop the local services whose data is in ``folder``; their data stays."""
    if not folder.exists():
        return
    with explained(folder), _locked(folder):
        Broker(folder / "broker").stop()
        Postgres.at(folder).stop()


def remove(folder: Path) -> None:
    """Stop the local services and delete their data for good."""
    if not folder.exists():
        return
    with explained(folder), _locked(folder):
        broker = Broker(folder / "broker")
        broker.stop()
        for file in sorted(broker.folder.glob("**/*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        Postgres.at(folder).remove()


def running(folder: Path) -> list[str]:
    """Return the names of the local services of ``folder`` that run."""
    if not folder.exists():
        return []
    names = ["PostgreSQL"] if Postgres.at(folder).is_running() else []
    return names + (["broker"] if Broker(folder / "broker").is_running() else [])


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "services.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
