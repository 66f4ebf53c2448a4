"""The catalogues of translations are checked, renewed and compiled."""

import os
from pathlib import Path

import django
import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import read_mo
from django.apps import apps
from django.test import override_settings
from django.utils import translation

from config.catalogues import FOLDER, compile_catalogues, texts
from tests.lints.catalogues import LANGUAGES, as_list, faults_of, path_of
from tests.lints.messages import Message, of_source, of_template, own_messages
from tests.lints.translations import APPS
from tests.present import present

pytestmark = pytest.mark.pure

ENGLISH = "Shipped %(units)s units."
# Labels of states and kinds that stand elsewhere too, and are one word there in every language:
# nouns, verbs without a gender, and those that are always about shipments.
ONE_SENSE = {
    *(
        "API",
        "All",
        "Assign to a person",
        "Backorder",
        "Customer care",
        "Delete",
        "Failed",
        "Fulfilled",
        "Future supply",
        "Held",
    ),
    *("Held for payment", "In Stock", "No date", "Orders", "Out of Stock", "Outcome unknown"),
    "Parcels",
    *(
        "Over 30 days",
        "Overdue",
        "Packing slip printed",
        "Payment",
        "Products",
        "Queued",
        "Reassigned",
        "Released",
    ),
    *("Schedule", "Send to customer care", "Wait as long as it takes", "Waiting"),
    *("account", "network address"),
}


@pytest.mark.parametrize(
    ("language", "text", "faults"),
    [
        ("sv", "Skickade %(units)s enheter.", 0),
        ("sv", "", 1),
        ("sv", "Skickade %(enheter)s enheter.", 1),
        ("sv", "Skickade enheter.", 1),
        ("sv", " Skickade %(units)s enheter.", 1),
        ("sv", "Skickade ”%(units)s” enheter.", 0),
        ("sv", "Skickade “%(units)s” enheter.", 1),
        ("fr", "%(units)s unités expédiées.", 0),
        ("fr", "%(units)s unités expédiées\u00a0: c’est fait.", 0),
        ("fr", "%(units)s unités expédiées : c’est fait.", 1),
        ("fr", "%(units)s unités expédiées !", 1),
        ("fr", "%(units)s unités d'ici.", 1),
        ("fr", "« %(units)s » unités.", 1),
        ("fr", "«\u00a0%(units)s\u00a0» unités.", 0),
    ],
)
def test_a_translation_with_a_fault_is_found(language: str, text: str, faults: int) -> None:
    assert len(list(faults_of(Entry(ENGLISH, text), language))) == faults


def test_one_form_of_a_plural_may_leave_the_number_out() -> None:
    plural = ("%(count)s row", "%(count)s rows")

    assert list(faults_of(Entry(plural, ("en rad", "%(count)s rader")), "sv")) == []
    assert list(faults_of(Entry(plural, ("en rad", "rader")), "sv")) == ["lacks a placeholder"]
    assert "is missing" in faults_of(Entry(plural, ("en rad", "")), "sv")
    assert list(faults_of(Entry("A", "B", flags=["fuzzy"]), "sv")) == ["is fuzzy"]


def test_messages_are_found_in_code_and_templates() -> None:
    code = """
x = _("One " "text") + pgettext("verb", "Order")
y = ngettext("%(n)s row", "%(n)s rows", n) + gettext(name) + other("no")
"""
    template = """
{% translate "A" %}{% translate "B" context "c" %}{{ _("C") }}
{% blocktranslate with a=b %}D {{ a }}{% endblocktranslate %}
{% blocktranslate count n=m trimmed %}
  E {{ n }}
{% plural %}
  Es {{ n }}
{% endblocktranslate %}
"""

    assert set(of_source(code)) == {
        Message("One text"),
        Message("Order", None, "verb"),
        Message("%(n)s row", "%(n)s rows"),
    }
    assert set(of_template(template)) == {
        Message("A"),
        Message("B", None, "c"),
        Message("C"),
        Message("D %(a)s"),
        Message("E %(n)s", "Es %(n)s"),
    }


def test_a_catalogue_is_compiled_when_its_text_is_newer(tmp_path: Path) -> None:
    text = tmp_path / "sv" / "LC_MESSAGES" / "django.po"
    text.parent.mkdir(parents=True)
    text.write_text('msgid ""\nmsgstr ""\n\nmsgid "Order"\nmsgstr "Beställning"\n')

    compiled = text.with_suffix(".mo")
    assert compile_catalogues(tmp_path) == [compiled]
    assert compile_catalogues(tmp_path) == []

    text.write_text(text.read_text().replace("Beställning", "Order"))
    os.utime(text, (compiled.stat().st_mtime + 2,) * 2)
    assert compile_catalogues(tmp_path) == [compiled]
    with compiled.open("rb") as file:
        assert present(read_mo(file).get("Order")).string == "Order"
    assert sorted(path.name for path in text.parent.iterdir()) == ["django.mo", "django.po"]


def test_every_language_has_a_catalogue_of_its_own() -> None:
    assert [path_of(language) for language in sorted(LANGUAGES)] == texts()


def test_no_message_of_a_package_is_left_to_the_language_of_the_site() -> None:
    """Where a language lacks a message, Django takes it from the language of the site."""
    # The names of countries come from Babel where they are shown in these languages.
    configs = [each for each in apps.get_app_configs() if each.name != "django_countries"]
    installed = [str(each.path) for each in configs]
    packages = [*map(Path, installed), Path(django.__file__).parent / "conf"]
    folders = [path / "locale" for path in packages]
    theirs = {language: messages_in(folders, language) for language in LANGUAGES}
    known = {language: theirs[language] | messages_in([FOLDER], language) for language in LANGUAGES}

    assert len(theirs["fr"]) > 700
    # The package asks for this text with the name in it, which no catalogue can have.
    wanted = set().union(*theirs.values()) - {('task "{not_found_task_name}" not found', None)}
    assert {language: wanted - known[language] for language in LANGUAGES} == {
        "sv": set(),
        "fr": set(),
    }


def messages_in(folders: list[Path], language: str) -> set[tuple[str, str | None]]:
    """Return the text and context of the messages that catalogues have in a language."""
    found = set()
    for path in (folder / language / "LC_MESSAGES" / "django.mo" for folder in folders):
        if path.exists():
            with path.open("rb") as file:
                entries = [
                    entry for entry in read_mo(file) if entry.id and all(as_list(entry.string))
                ]
            found |= {(as_list(entry.id)[0], entry.context) for entry in entries}
    return found


@pytest.mark.parametrize(
    ("site", "reader", "shown"), [("fr", "sv", "finns i"), ("sv", "fr", "est inclus dans")]
)
def test_readers_see_texts_of_packages_in_their_own_language(
    site: str, reader: str, shown: str
) -> None:
    with override_settings(LANGUAGE_CODE=site), translation.override(reader):
        assert translation.gettext("is in") == shown
        assert translation.gettext("Yesterday") == {"sv": "I går", "fr": "Hier"}[reader]


def test_states_that_several_things_have_are_named_for_each_thing() -> None:
    """*Canceled* is *annullerad* for an order, *avbröts* for a job, *annullerat* for units."""
    asked = own_messages()
    labels = {
        label
        for model in apps.get_models()
        if model._meta.app_label in APPS
        for field in model._meta.concrete_fields
        for _code, label in field.flatchoices or ()
    }
    plain = {label._args[0] for label in labels if len(getattr(label, "_args", ())) == 1}
    shared = {text for text in plain if len(asked.get(Message(text), ())) > 1}

    assert {text for text in shared if not text.endswith(".") and "%" not in text} == ONE_SENSE
