"""Bulk actions on lists: what is asked, a page of what would change, and doing it."""
