"""Crontabs in the reader's words, in each language."""

from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from fulfillment.admin.scheduled_work.crontab_words import crontab_in_words
from fulfillment.scheduling.crontab import parse_line, read_crontab

pytestmark = pytest.mark.pure


def words(line: str, language: str) -> str:
    with translation.override(language):
        return crontab_in_words(read_crontab(parse_line(line), ZoneInfo("UTC")))


@pytest.mark.parametrize(
    ("line", "english", "swedish", "french"),
    [
        ("* * * * *", "Every minute", "Varje minut", "Toutes les minutes"),
        ("0 * * * *", "Every hour", "Varje timme", "Toutes les heures"),
        (
            "*/15 * * * *",
            "Every 15 minutes",
            "Med 15 minuters mellanrum",
            "Toutes les 15 minutes",
        ),
        ("0 */2 * * *", "Every 2 hours", "Med 2 timmars mellanrum", "Toutes les 2 heures"),
        (
            "5-20,40 * * * *",
            "Every hour, at minute 5–20, 40",
            "Varje timme, minut 5–20, 40",
            "Toutes les heures, à la minute 5–20, 40",
        ),
        (
            "30 9-17 * * 1-5",
            "Every hour, from 09:30 to 17:30, Monday through Friday",
            "Varje timme, från 09:30 till 17:30, måndag till fredag",
            "Toutes les heures, de 09:30 à 17:30, du lundi au vendredi",
        ),
        (
            "*/10 8-18 * * *",
            "Every 10 minutes, from 08:00 to 18:50",
            "Med 10 minuters mellanrum, från 08:00 till 18:50",
            "Toutes les 10 minutes, de 08:00 à 18:50",
        ),
        (
            "0,7,9,11 6,8 * * *",
            "At minute 0, 7, 9, 11 of hour 6, 8",
            "Minut 0, 7, 9, 11 under timme 6, 8",
            "À la minute 0, 7, 9, 11 des heures 6, 8",
        ),
        (
            "15 6,18 * * 0,1",
            "At 06:15 and 18:15, only on Monday and Sunday",
            "Kl. 06:15 och 18:15, bara måndag och söndag",
            "À 06:15 et 18:15, lundi et dimanche uniquement",
        ),
        (
            "0 6 1-7,15 1,7 *",
            "At 06:00, on days 1–7, 15 of the month, only in January and July",
            "Kl. 06:00, dag 1–7, 15 i månaden, bara i januari och juli",
            "À 06:00, les jours 1–7, 15 du mois, en janvier et juillet uniquement",
        ),
        (
            "0 6 1 6-8 *",
            "At 06:00, on day 1 of the month, from June to August",
            "Kl. 06:00, dag 1 i månaden, från juni till augusti",
            "À 06:00, le jour 1 du mois, entre juin et août",
        ),
        # No step by which an hour goes round: the minutes themselves.
        (
            "*/25 * * * *",
            "Every hour, at minute 0, 25, 50",
            "Varje timme, minut 0, 25, 50",
            "Toutes les heures, à la minute 0, 25, 50",
        ),
    ],
)
def test_a_crontab_is_described_in_each_language(
    line: str, english: str, swedish: str, french: str
) -> None:
    assert words(line, "en") == english
    assert words(line, "sv") == swedish
    assert words(line, "fr") == french
