"""The description of the API is made once, and not for whoever asks without end."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
import yaml
from django.test import Client

from config import api_description

ADDRESS = "/api/v1/schema/"
YAML, JSON = "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing kept yet; the form of each description that is made is added."""
    monkeypatch.setattr(api_description, "_kept", {})
    forms: list[str] = []
    make = api_description.DescriptionView._made

    def counted(view: Any, request: Any) -> Any:
        forms.append(request.accepted_renderer.media_type)
        return make(view, request)

    monkeypatch.setattr(api_description.DescriptionView, "_made", counted)
    return forms


def test_the_description_is_made_once_a_form(client: Client, made: list[str]) -> None:
    answers = [client.get(ADDRESS, HTTP_ACCEPT=form) for form in (YAML, JSON, YAML, JSON)]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert made == [YAML, JSON]
    assert answers[0].content == answers[2].content
    assert answers[1].json() == yaml.safe_load(answers[0].content)
    assert [answer["Content-Type"].split(";")[0] for answer in answers[:2]] == [YAML, JSON]
    assert 'filename="Backorder back office' in answers[0]["Content-Disposition"]


def test_languages_do_not_mix(client: Client, made: list[str]) -> None:
    first = client.get(ADDRESS, HTTP_ACCEPT_LANGUAGE="en")
    swedish = client.get(ADDRESS, HTTP_ACCEPT_LANGUAGE="sv")

    assert client.get(ADDRESS, HTTP_ACCEPT_LANGUAGE="en").content == first.content
    assert len(made) == 2
    assert swedish.status_code == 200


def test_an_address_that_asks_without_end_is_sent_away(
    client: Client, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_description, "PER_MINUTE", 3)
    with time_machine.travel(datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC), tick=False):
        answers = [client.get(ADDRESS, REMOTE_ADDR="203.0.113.9") for _ in range(4)]
        elsewhere = client.get(ADDRESS, REMOTE_ADDR="203.0.114.9")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3]["Retry-After"] == "60"
    assert answers[3].json()["type"] == "urn:problem:throttled"
    assert elsewhere.status_code == 200
