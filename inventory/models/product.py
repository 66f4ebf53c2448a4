"""What is sold, and the rules it overrides."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from inventory.models.columns import add_option_columns
from inventory.options import Scope, options_for

SKU_MAX_LENGTH = 64


class Product(models.Model):
    """Something that is sold by SKU.

    The option columns (one for each stock option with product scope) are ``NULL`` where the
    product follows the configuration, which is what "Use Config Settings" means in the admin.
    """

    class Type(models.TextChoices):
        SIMPLE = "SIMPLE", _("Simple")
        VIRTUAL = "VIRTUAL", _("Virtual")

    sku = models.CharField(
        _("SKU"),
        max_length=SKU_MAX_LENGTH,
        unique=True,
        validators=[
            RegexValidator(
                r"^[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s])?\Z",
                _("A SKU has no control characters and no space at either end."),
            )
        ],
        help_text=_("The code that names the product everywhere; up to 64 characters."),
    )
    name = models.CharField(_("name"), max_length=200)
    is_enabled = models.BooleanField(
        _("enabled"), default=True, help_text=_("A disabled product cannot be ordered.")
    )
    product_type = models.CharField(
        _("type"),
        max_length=16,
        choices=Type,
        default=Type.SIMPLE,
        help_text=_("A virtual product is delivered when it is invoiced and never shipped."),
    )
    price = models.DecimalField(
        _("price"),
        max_digits=14,
        decimal_places=2,
        default=Decimal("0.00"),
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]
        constraints = [
            models.CheckConstraint(
                name="product_sku_not_blank",
                condition=~Q(sku=""),
                violation_error_message=_("A product needs a SKU."),
            ),
            models.CheckConstraint(
                name="product_price_not_negative",
                condition=Q(price__gte=0),
                violation_error_message=_("A price is never negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def is_virtual(self) -> bool:
        return self.product_type == self.Type.VIRTUAL

    def overrides(self) -> dict[str, Any]:
        """Return the product's own value of every option it may override, ``None`` = inherit."""
        return {option.name: getattr(self, option.name) for option in PRODUCT_OPTIONS}


PRODUCT_OPTIONS = options_for(Scope.PRODUCT)
add_option_columns(Product, PRODUCT_OPTIONS)
