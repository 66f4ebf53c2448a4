from django.contrib import admin

from core.admin import account_emails, api_keys, jobs
from core.admin.shown_values.deletion import delete_selected

admin.site.disable_action("delete_selected")
# Every page of this site is one of the house, which compares what it showed.
admin.site.add_action(delete_selected, "delete_selected")  # type: ignore[arg-type]

__all__ = ["account_emails", "api_keys", "jobs"]
