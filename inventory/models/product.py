"""What is sold, with the rules it overrides."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.folding import FoldedText
from core.models.columns import MoneyColumn
from core.models.unique_expression import UniqueExpression
from core.name_order import ALPHABETS, NameKey
from core.quantities import ZERO
from inventory.codes import (
    BARCODE_MAX_LENGTH,
    SKU_MAX_LENGTH,
    CodeError,
    check_barcode,
    check_sku,
)
from inventory.models.barcode_key import BarcodeKey
from inventory.models.option_columns import OptionOwner, add_option_columns
from inventory.options import Scope, options_for


def refuse_wrong_barcode(barcode: str) -> None:
    """Refuse what no barcode may be.

    :raises ValidationError: with what would be right.
    """
    try:
        check_barcode(barcode)
    except CodeError as error:
        raise ValidationError(gettext(error.message) % error.values, "invalid") from error


LARGEST_ORDER_MULTIPLE = 1_000_000
LONGEST_LEAD_TIME = 3650
LEAD_TIME_ERROR = _("A lead time is from 0 to 3650 days.")
LARGEST_PREORDER_LIMIT = 1_000_000_000


def lead_time_column(help_text: Any) -> "models.IntegerField[Any, Any]":
    """Return the column of the days from an order for supply to its arrival."""
    return models.IntegerField(
        _("lead time in days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(LONGEST_LEAD_TIME)],
        help_text=help_text,
    )


class Product(OptionOwner):
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
        help_text=_("The code that names the product everywhere; up to 64 characters."),
    )
    # Empty is NULL, of which there may be many.
    barcode = models.CharField(  # noqa: DJ001
        _("barcode"),
        max_length=BARCODE_MAX_LENGTH,
        null=True,
        blank=True,
        validators=[refuse_wrong_barcode],
        help_text=_("The code on the package, such as a GTIN; its check digit must be right."),
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
    price = MoneyColumn(
        _("price"),
        default=Decimal("0.00"),
        validators=[MinValueValidator(ZERO)],
    )
    order_multiple = models.IntegerField(
        _("order multiple"),
        default=1,
        db_default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_ORDER_MULTIPLE)],
        help_text=_("Order proposals are rounded up to a multiple of this, such as a full box."),
    )
    lead_time_days = lead_time_column(
        _("Days from an order to its arrival. Leave empty to use the lead time of the source.")
    )
    release_on = models.DateField(
        _("release date"),
        null=True,
        blank=True,
        help_text=_(
            "Orders before this day are pre-orders: they wait until this day, even if units are on "
            "hand. Products without managed stock and virtual products take no pre-orders."
        ),
    )
    preorder_limit = models.IntegerField(
        _("pre-order limit"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LARGEST_PREORDER_LIMIT)],
        help_text=_("The most units that may wait for the release date. Leave empty for no limit."),
    )

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]
        indexes = [
            # The notice about SKUs that look alike, when a product or a file of them is entered.
            models.Index(
                Lower(Func("sku", template="normalize(%(expressions)s, NFKC)")),
                name="product_sku_look_alike",
            ),
            # The product list by name, in each alphabet, and lists that show the name.
            *(
                models.Index(NameKey("name", alphabet), name=f"product_by_name_{alphabet}")
                for alphabet in ALPHABETS
            ),
            # Scanned codes, in each form that they may have.
            models.Index(fields=["barcode"], name="product_by_barcode"),
            # Searches: parts of words, without accents, apostrophes and case.
            GinIndex(
                OpClass(FoldedText("sku"), "gin_trgm_ops"),
                OpClass(FoldedText("name"), "gin_trgm_ops"),
                OpClass(FoldedText("barcode"), "gin_trgm_ops"),
                name="product_search",
            ),
            # The review's search by the beginning of a SKU.
            models.Index(
                OpClass(FoldedText("sku"), "text_pattern_ops"), name="product_by_beginning"
            ),
        ]
        constraints = [
            # Checked at the end of a statement, so that a file may exchange barcodes.
            UniqueExpression(
                name="product_barcode_once",
                expression=BarcodeKey("barcode"),
                field="barcode",
                violation_error_message=_(
                    "Another product has this barcode. Zeros before a code do not count."
                ),
            ),
            models.CheckConstraint(
                name="product_barcode_not_blank",
                condition=~Q(barcode=""),
                violation_error_message=_("A barcode that is not known is left out."),
            ),
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
            models.CheckConstraint(
                name="product_order_multiple_within_limits",
                condition=Q(order_multiple__gte=1, order_multiple__lte=LARGEST_ORDER_MULTIPLE),
                violation_error_message=_("An order multiple is from 1 to 1,000,000."),
            ),
            models.CheckConstraint(
                name="product_lead_time_within_years",
                condition=Q(lead_time_days=None)
                | Q(lead_time_days__gte=0, lead_time_days__lte=LONGEST_LEAD_TIME),
                violation_error_message=LEAD_TIME_ERROR,
            ),
            models.CheckConstraint(
                name="product_preorder_limit_within_limits",
                condition=Q(preorder_limit=None)
                | Q(preorder_limit__gte=1, preorder_limit__lte=LARGEST_PREORDER_LIMIT),
                violation_error_message=_("A pre-order limit is from 1 to 1,000,000,000."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def clean(self) -> None:
        """Hold a SKU to its rules; a product from before them keeps its own.

        :raises ValidationError: with what would be right.

        Rule: §1, product.
        """
        try:
            check_sku(self.sku)
        except CodeError as error:
            if not Product.objects.filter(pk=self.pk, sku=self.sku).exists():
                sentence = gettext(error.message) % error.values
                raise ValidationError({"sku": ValidationError(sentence, "invalid")}) from error

    @property
    def is_virtual(self) -> bool:
        return self.product_type == self.Type.VIRTUAL


PRODUCT_OPTIONS = options_for(Scope.PRODUCT)
add_option_columns(Product, PRODUCT_OPTIONS)
