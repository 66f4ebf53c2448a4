"""Every write of what is of no trade; one subject a file."""
