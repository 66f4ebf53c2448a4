"""The papers that people choose from before they print."""

from django.utils.translation import gettext_lazy as _

from core.documents.paper import Paper

PAPERS = ((Paper.A4.value, _("A4")), (Paper.LETTER.value, _("US letter")))
