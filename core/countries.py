"""Countries by their ISO 3166 codes."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from babel import Locale
from django.utils import translation
from django_countries import countries
from django_countries.base import CountriesBase
from django_countries.data import ALT_CODES, COUNTRIES

from core.country_names import SHORT_NAMES
from core.name_order import in_name_order
from core.text import gettext_noop as _

LANGUAGES = ("en", "sv", "fr")
UNKNOWN = _("“%(value)s” is not a country. Write its ISO 3166 code, such as SE.")
UNKNOWN_SHOWN = _("%(value)s (not a known country)")
# Countries and territories whose post has no postcode that people write, by ISO 3166 code, after
# the addressing sheets of the Universal Postal Union. Where it is in doubt a country is listed:
# then nobody is asked for what does not exist, and a postcode is still taken.
CODES = """
AE AG AO AQ AW BF BI BJ BO BQ BS BV BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GQ
GY HK HM JM KI KM KN KP LC LY ML MO MR MW NA NR NU PA PS QA RW SB SC SL SO SR SS ST SX SY
TD TF TG TK TL TO TV UG VU WS YE ZW
"""
WITHOUT_POSTCODES = frozenset(CODES.split())
# Where the postcode is not written before the city, after the same sheets.
IN_ONE_LINE = frozenset({"AS", "AU", "CA", "GU", "MP", "PR", "US", "VI"})
AFTER_THE_CITY = frozenset({"IN", "NZ", "SG"})
ON_A_LINE_OF_ITS_OWN = frozenset({"GB", "GG", "IE", "IM", "JE", "ZA"})


def country_code(text: str) -> str | None:
    """Return the ISO 3166 code of the country that ``text`` means; None where it is not known.

    It may be the code of two or three letters, the name in English, Swedish or French, or a
    common short form such as UK; case, accents and punctuation do not matter. A name that two
    countries share means neither.

    Rule: §1, source; §20, addresses.
    """
    return _codes().get(_key(text))


def is_country(code: str) -> bool:
    """Whether ``code`` is an ISO 3166 code of two capital letters."""
    return code in COUNTRIES


def has_postcodes(country: str) -> bool:
    """Whether addresses in a country, named by its ISO 3166 code, need a postcode.

    Rule: §1, source; §20, addresses.
    """
    return country not in WITHOUT_POSTCODES


def locality_lines(country: str, *, city: str, region: str, postcode: str) -> list[str]:
    """Return city, region and postcode as a country, named by its ISO 3166 code, writes them.

    The lines of an address from top to bottom, without those that would be empty.
    """
    if country in IN_ONE_LINE:
        lines = [[city, region, postcode]]
    elif country in AFTER_THE_CITY:
        lines = [[city, postcode], [region]]
    elif country in ON_A_LINE_OF_ITS_OWN:
        lines = [[city], [region], [postcode]]
    else:
        lines = [[postcode, city], [region]]
    written = (" ".join(filter(None, line)) for line in lines)
    return [line for line in written if line]


def country_choices() -> list[tuple[str, str]]:
    """Return every country as (code, name), by name in the reader's language."""
    return in_name_order((country.code, _name(country.code)) for country in countries)


def country_name(text: str) -> str:
    """Return the name of a stored country in the reader's language; other texts are marked."""
    if not text:
        return ""
    if is_country(text):
        return _name(text)
    return translation.gettext(UNKNOWN_SHOWN) % {"value": text}


def _name(code: str) -> str:
    """Return the name of a country in the reader's language."""
    known = _territories((translation.get_language() or "en")[:2])
    return known.get(code) or str(countries.name(code))


@cache
def _territories(language: str) -> Mapping[str, str]:
    """Return the names of countries by code, where the library of countries has not all of them."""
    return {} if language == "en" else dict(Locale.parse(language).territories)


@cache
def _codes() -> dict[str, str]:
    """Return the code of each key that means one country alone."""
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for language in LANGUAGES:
        with translation.override(language):
            for code, name in [*COUNTRIES.items(), *CountriesBase.COMMON_NAMES.items()]:
                meant[_key(str(name))].add(code)
            for code, known in _territories(language).items():
                if is_country(code):
                    meant[_key(known)].add(code)
    for code, names in SHORT_NAMES.items():
        for short in names:
            meant[_key(short)].add(code)
    found = {key: min(codes) for key, codes in meant.items() if len(codes) == 1}
    alpha_3 = {_key(codes[0]): code for code, codes in ALT_CODES.items() if codes[0]}
    return {**found, **alpha_3, **{_key(code): code for code in COUNTRIES}}


def _key(text: str) -> str:
    """Return what spellings of one name have in common."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    words = "".join(one if one.isalnum() else " " for one in letters.replace(".", "")).split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)
