"""What previews showed of their rows, until they are confirmed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PreviewSnapshot(models.Model):
    """What one preview showed of each row, as ``operations.preview_snapshots`` packs it.

    ``name`` is a digest of the content: what is shown twice is kept once.
    """

    name = models.CharField(_("name"), max_length=64, unique=True)
    content = models.BinaryField(editable=False)
    shown_at = models.DateTimeField(_("shown at"))

    class Meta:
        verbose_name = _("snapshot of a preview")
        verbose_name_plural = _("snapshots of previews")
        ordering = ["pk"]
        # They belong to the preview of who may make the change.
        default_permissions = ()
        indexes = [
            # Read when old snapshots are deleted.
            models.Index(fields=["shown_at"], name="preview_snapshot_shown_at"),
        ]

    def __str__(self) -> str:
        return self.name
