"""Whether a source item takes backorders, as SQL that several statements share."""


def takes_backorders(own: str) -> str:
    """Return the condition over ``product`` and ``configuration``; ``own`` is the item's value.

    Rule: §2, backorders; a virtual product with managed stock takes none.
    """
    return (
        "(product.product_type <> 'VIRTUAL' AND COALESCE("
        f"{own}, product.backorders, configuration.backorders, 'NO_BACKORDERS')"
        " <> 'NO_BACKORDERS')"
    )
