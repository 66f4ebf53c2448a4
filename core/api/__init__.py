"""The kit of the HTTP API: strict fields, problems, idempotency, versions, pages, keys."""
