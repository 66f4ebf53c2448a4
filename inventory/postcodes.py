"""Which countries have postcodes. PURE."""

# Countries and territories whose post has no postcode that people write, by ISO 3166 code, after
# the addressing sheets of the Universal Postal Union. Where it is in doubt a country is listed:
# then nobody is asked for what does not exist, and a postcode is still taken.
CODES = """
AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ
GY HK HM JM KI KM KN KP LC LY ML MO MR MW NA NR NU PA PS QA RW SB SC SL SO SR SS ST SX SY
TD TF TG TK TL TO TV UG VU WS YE ZW
"""
WITHOUT_POSTCODES = frozenset(CODES.split())


def has_postcodes(country: str) -> bool:
    """Whether addresses in a country, named by its ISO 3166 code, need a postcode.

    Rule: §1, source; §20, addresses.
    """
    return country not in WITHOUT_POSTCODES
