"""Which country a text means."""

from typing import Any

import pytest
from django.utils import translation
from django_countries.data import COUNTRIES

from core.countries import (
    WITHOUT_POSTCODES,
    country_choices,
    country_code,
    country_name,
    has_postcodes,
    is_country,
    locality_lines,
)

MEANT = {
    "SE": ("SE", "se", "SWE", " Sweden ", "Sverige", "Suède", "suede", "SUÈDE"),
    "GB": ("UK", "U.K.", "GBR", "United Kingdom", "England", "Storbritannien", "Royaume-Uni"),
    "US": ("USA", "U.S.A.", "us", "The United States", "États-Unis", "Amerikas förenta stater"),
    "DE": ("Germany", "Tyskland", "Allemagne", "DEU"),
    "CI": ("Ivory Coast", "Elfenbenskusten", "Côte d’Ivoire", "Cote d'Ivoire"),
    "NL": ("Holland", "Nederländerna", "Pays-Bas", "the Netherlands"),
    "KR": ("South Korea", "Sydkorea", "Corée du Sud"),
    "AX": ("Åland", "Aland Islands"),
    "VE": ("Venezuela",),
}


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in MEANT.items() for text in texts]
)
def test_a_text_means_a_country(code: str, text: Any) -> None:
    assert country_code(text) == code


@pytest.mark.parametrize("text", ["", " ", "XX", "Korea", "Atlantis", "S E", "Swe den", "752", "-"])
def test_other_texts_mean_none(text: str) -> None:
    assert country_code(text) is None


def test_every_country_is_found_by_its_codes_and_its_names() -> None:
    for language in ("en", "sv", "fr"):
        with translation.override(language):
            missed = [
                (code, str(name))
                for code, name in COUNTRIES.items()
                if country_code(str(name)) != code or country_code(code.lower()) != code
            ]
            assert missed == []
            assert sorted(code for code, _name in country_choices()) == sorted(COUNTRIES)


def test_a_country_has_one_name_in_each_language_of_a_reader() -> None:
    for language in ("en", "sv", "fr", "en"):
        with translation.override(language):
            chosen = dict(country_choices())
            assert {code: country_name(code) for code in COUNTRIES} == chosen
            names = {"en": "Germany", "sv": "Tyskland", "fr": "Allemagne"}
            assert chosen["DE"] == names[language]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("sv", {"EG": "Egypten", "BR": "Brasilien", "GE": "Georgien", "SS": "Sydsudan"}),
        ("fr", {"US": "États-Unis", "CI": "Côte d’Ivoire", "EG": "Égypte"}),
    ],
)
def test_countries_have_the_names_of_the_language(language: str, names: dict[str, str]) -> None:
    with translation.override(language):
        assert {code: country_name(code) for code in names} == names
        assert {country_code(name) for name in names.values()} == set(names)


def test_a_stored_text_that_is_no_country_is_marked() -> None:
    assert (country_name("SE"), country_name(""), is_country("se")) == ("Sweden", "", False)
    assert country_name("Atlantis") == "Atlantis (not a known country)"


def test_the_countries_without_postcodes_are_countries() -> None:
    assert set(COUNTRIES) >= WITHOUT_POSTCODES
    assert (has_postcodes("SE"), has_postcodes("HK")) == (True, False)


@pytest.mark.parametrize(
    ("country", "region", "lines"),
    [
        ("US", "WA", ["Bath WA 98101"]),
        ("GB", "", ["Bath", "98101"]),
        ("IE", "Clare", ["Bath", "Clare", "98101"]),
        ("SG", "", ["Bath 98101"]),
        ("IN", "Goa", ["Bath 98101", "Goa"]),
        ("SE", "", ["98101 Bath"]),
        ("IT", "RM", ["98101 Bath", "RM"]),
        ("Atlantis", "", ["98101 Bath"]),
    ],
)
def test_a_locality_is_written_as_its_country_does(
    country: str, region: str, lines: list[str]
) -> None:
    assert locality_lines(country, city="Bath", region=region, postcode="98101") == lines


def test_a_locality_without_anything_has_no_lines() -> None:
    assert locality_lines("GB", city="", region="", postcode="") == []
