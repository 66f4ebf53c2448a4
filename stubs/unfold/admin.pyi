# The theme's pages are of any model: a page of one model says so where it reads an object.
from typing import Any

from django.contrib import admin

class ModelAdmin(admin.ModelAdmin[Any]):
    compressed_fields: bool
    list_filter_submit: bool
    list_filter_sheet: bool
    list_fullwidth: bool
    list_disable_select_all: bool
    warn_unsaved_form: bool

class _Inline:
    hide_title: bool
    tab: bool

class StackedInline(_Inline, admin.StackedInline[Any, Any]): ...
class TabularInline(_Inline, admin.TabularInline[Any, Any]): ...
