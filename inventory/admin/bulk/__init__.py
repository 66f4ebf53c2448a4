"""Bulk actions on lists: what is asked, then a page of what would change."""
