from django.contrib import admin

from core.admin import api_keys, jobs
from core.admin.shown_values.deletion import delete_selected

admin.site.disable_action("delete_selected")
admin.site.add_action(delete_selected, "delete_selected")

__all__ = ["api_keys", "jobs"]
