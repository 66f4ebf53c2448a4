"""Rows that the database never deletes, so that others can name them without a foreign key.

A foreign key is checked with every row that is written; a deletion is refused when it is tried.
"""

import pgtrigger

NEVER_DELETED = pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)
