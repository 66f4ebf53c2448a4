"""``python -m benchmarks [NAME …]``: all benchmarks, or those named."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from benchmarks import (  # noqa: E402 - the apps come first
    harness,
    inventory,
    lists,
    placement,
    release,
    stock_import,
)

harness.run(
    {
        "inventory": inventory.run,
        "lists": lists.run,
        "placement": placement.run,
        "release": release.run,
        "stock_import": stock_import.run,
    },
    only=sys.argv[1:],
)
