"""Every write to shipments, in groups; one subject a file."""
