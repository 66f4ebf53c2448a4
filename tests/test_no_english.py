"""Pages in Swedish and French show no English words but names.

The words to look for are those of the English messages that no translation has.
"""

import re
from operator import attrgetter
from zoneinfo import available_timezones

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from core.admin.currency_field import currency_choices
from core.countries import country_choices
from core.models import PersonLanguage
from fulfillment.models import Carrier
from fulfillment.operations.upkeep.figures import refresh_figures
from fulfillment.roles import ROLES
from tests.example_texts import without_examples
from tests.lints.catalogues import LANGUAGES, as_list, read
from tests.lints.translations import shown_in
from tests.pages import make_telling_rows, pages
from tests.test_pseudo_language import CODE, DATA
from tests.test_roles import make_every_row

pytestmark = pytest.mark.django_db

WORD = re.compile(r"[^\W\d_]{4,}")
# Names: of rows that the tests make, of tasks, and of keys of the keyboard.
NAMES = {"product", "shop", "high", "main", "street", "config", "control", "command"}
# The history has the names of groups as they are kept.
CHANGES = "/admin/changes/"
KEPT_NAMES = {role.lower() for role in ROLES}


def english_words(language: str) -> set[str]:
    """Return the words that are English and not of the language."""
    entries = [entry for entry in read(language) if entry.id]
    ours, theirs = (
        {word for entry in entries for text in as_list(texts(entry)) for word in words_of(text)}
        for texts in (attrgetter("id"), attrgetter("string"))
    )
    return ours - theirs - NAMES


def names_in(language: str) -> set[str]:
    """Return texts that no catalogue of ours translates: names of zones, currencies, countries,
    and carriers with their links.
    """
    with translation.override(language):
        choices = [*currency_choices(), *country_choices()]
    carriers = Carrier.objects.values_list("name", "code", "tracking_url")
    kept = {*available_timezones(), *(str(name) for _code, name in choices)}
    return kept.union(*carriers)


def english_on(address: str, html: str, english: set[str], names: set[str]) -> set[str]:
    """Return the words of ``english`` of a page's main part, save in ``names``."""
    found = english_in("<main " + html[html.index('id="main-content"') :], english, names)
    return found - KEPT_NAMES if address == CHANGES else found


def english_in(html: str, english: set[str], names: set[str]) -> set[str]:
    """Return the words of ``english`` that HTML shows or reads aloud, save in ``names``."""
    shown = set(shown_in(CODE.sub("", html))) - names
    texts = (DATA.sub("", without_examples(text)) for text in shown)
    return {word for text in texts for word in words_of(text)} & english


def words_of(text: str) -> set[str]:
    """Return the words of a text, without placeholders and tags, in lower case."""
    plain = re.sub(r"%\(\w+\)[sd]|<[^>]*>|\{\w*\}", " ", text)
    return {word.lower() for word in WORD.findall(plain)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_english_words(admin_user: User, language: str) -> None:
    PersonLanguage.objects.create(user=admin_user, language=language)
    make_every_row()
    make_telling_rows(admin_user)
    refresh_figures(now=timezone.now(), zone=timezone.get_current_timezone())
    english = english_words(language)
    names = names_in(language)

    found = {}
    for address, html in pages(admin_user).items():
        assert f'<html lang="{language}"' in html, address
        found[address] = english_on(address, html, english, names)

    assert len(found) > 80
    assert {address: words for address, words in found.items() if words} == {}
