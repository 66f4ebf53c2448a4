"""``python -m benchmarks [NAME …]``: all benchmarks, or those named."""

import sys

from benchmarks import (
    bulk,
    demand,
    documents,
    emails,
    forms,
    harness,
    inventory,
    lists,
    placement,
    release,
    stock_import,
    walk,
)

harness.run(
    {
        "bulk": bulk.run,
        "demand": demand.run,
        "documents": documents.run,
        "emails": emails.run,
        "forms": forms.run,
        "inventory": inventory.run,
        "lists": lists.run,
        "placement": placement.run,
        "release": release.run,
        "stock_import": stock_import.run,
        "walk": walk.run,
    },
    only=sys.argv[1:],
)
