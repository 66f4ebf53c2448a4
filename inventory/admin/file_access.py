"""Who may bring in which files; where they look at them."""

from functools import reduce
from operator import or_

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from inventory.files.background import latest_job
from inventory.files.file_formats import FORMATS
from inventory.models import ImportFile

Format = ImportFile.Format
LISTS: dict[str, str] = {
    Format.STOCK_SOURCES: "admin:inventory_sourceitem_changelist",
    Format.PRODUCTS: "admin:inventory_product_changelist",
    Format.FUTURE_SUPPLY: "admin:inventory_futuresupply_changelist",
}
ITEMS = ("inventory.add_sourceitem", "inventory.change_sourceitem")
PRODUCTS = ("inventory.add_product", "inventory.change_product")
SUPPLY = ("inventory.add_futuresupply", "inventory.change_futuresupply")
NEEDED: dict[str, tuple[str, ...]] = {
    Format.STOCK_SOURCES: ITEMS,
    Format.PRODUCTS: (*PRODUCTS, *ITEMS),
    Format.FUTURE_SUPPLY: SUPPLY,
}
UNASSIGN = ("inventory.delete_sourceitem",)


def register_list(format_code: str, *, on: str, needs: tuple[str, ...]) -> None:
    """Have files of a format belong to the list ``on`` (the name of its URL), and say who may."""
    LISTS[format_code] = on
    NEEDED[format_code] = needs


def may_import(request: HttpRequest, format_code: str, behavior: str) -> bool:
    """Whether the user may do what such a file does."""
    is_deletion = behavior == ImportFile.Behavior.DELETE
    return request.user.has_perms(UNASSIGN if is_deletion else NEEDED[format_code])


def importable_by(request: HttpRequest) -> dict[str, list[str]]:
    """Return what the user may do with files, by format; formats with nothing are left out."""
    allowed = {
        code: [name for name in chosen.behaviors if may_import(request, code, name)]
        for code, chosen in FORMATS.items()
    }
    return {code: behaviors for code, behaviors in allowed.items() if behaviors}


def visible_files(request: HttpRequest) -> Q:
    """Return which files the user may see: those that he or she may bring in."""
    pairs = [
        Q(format=code, behavior__in=behaviors) for code, behaviors in importable_by(request).items()
    ]
    return reduce(or_, pairs, Q(pk__in=()))


def upload_page(format_code: str) -> str:
    """Return the page that takes files of a format."""
    return reverse(LISTS[format_code].replace("_changelist", "_import"))


def page_to_watch(request: HttpRequest, file: ImportFile) -> str:
    """Return the page of the file; while a worker has it, the page that shows how far it is."""
    job = latest_job(file.pk)
    may_watch = request.user.has_perm("core.view_job")
    if job is not None and not job.is_finished and may_watch:
        return reverse("admin:core_job_progress", args=[job.pk])
    return reverse("admin:inventory_importfile_change", args=[file.pk])
