"""What the check of translations finds; `make lint` runs it over everything that people read."""

from pathlib import Path

from django.conf import settings

from tests.lints.translations import ROOT, bare_texts, built_inside, said_by, untranslated


def test_a_bare_text_in_a_template_is_found() -> None:
    assert bare_texts('<p>{% translate "A" %}</p><p>Hello {{ name }}</p>') == ["Hello"]
    assert bare_texts('<a title="Go" class="x">{{ name }}</a>') == ["Go"]
    assert bare_texts('{% include "card.html" with title="Save" %}') == ["Save"]
    assert bare_texts('{{ count|default:"not yet" }}{{ day|date:"DATE_FORMAT" }}') == ["not yet"]
    assert bare_texts("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}") == []


def test_untranslated_texts_in_code_are_found() -> None:
    assert untranslated('x = models.CharField(verbose_name="name")') == ["name"]
    assert untranslated('x = models.CharField(verbose_name=_("name"))') == []
    assert untranslated('raise Refused("This cannot be.")') == ["This cannot be."]
    assert untranslated('raise Refused(f"Run {number} cannot be.")') == ["Run 0 cannot be."]
    assert untranslated('raise TypeError("This is not a plan.")') == []
    assert untranslated('raise Refused(f"{item} holds {count} only.")') == ["0 holds 0 only."]
    assert untranslated('facts = [("Value released", 3)]') == ["Value released"]
    assert untranslated('facts = [(_("Value released"), 3)]') == []
    assert untranslated('logger.info("Sent %d e-mails", count)') == []
    assert untranslated('logger.error("The worker is gone.")') == []
    assert untranslated('form.error("The worker is gone.")') == ["The worker is gone."]
    assert untranslated('x = OpenApiParameter("a", description="One or two.")', is_api=True) == []
    assert untranslated('"""A docstring."""') == []
    assert untranslated('class State(models.TextChoices):\n    A = "A", "Label"') == ["Label"]
    assert untranslated('@display(description="Total")\ndef f(): ...') == ["Total"]
    assert built_inside('_(f"{count} rows")') == ["_(f'{count} rows')"]


def test_what_a_script_says_of_its_own_is_found() -> None:
    assert said_by('place.textContent = "Saved";') == ["Saved"]
    assert said_by("place.title = 'Two were ticked';") == ["Two were ticked"]
    assert said_by('document.addEventListener("DOMContentLoaded", start);') == []


def test_the_languages_of_the_site_have_a_folder_for_their_catalogues() -> None:
    assert settings.USE_I18N
    assert [Path(path) for path in settings.LOCALE_PATHS] == [ROOT / "locale"]
    assert (ROOT / "locale").is_dir()
