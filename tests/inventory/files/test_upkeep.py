from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from pytest_django import Settings

from core.acts import Act
from core.models import IdempotentAnswer
from inventory.files import imports
from inventory.models import ImportFile, ImportStep
from inventory.tasks import forget_imports
from tests.factories.inventory import ProductFactory
from tests.inventory.files.imports import NOW, TODAY, checked, confirmed, findings, quiet

pytestmark = pytest.mark.django_db

FILE = "source_code,sku,quantity\n"


def test_texts_are_forgotten_after_the_days_that_are_set(settings: Settings) -> None:
    settings.IMPORT_KEPT_DAYS = 30
    ProductFactory(sku="A")
    row = f"{FILE}default,A,1\n"
    old, new = confirmed(checked(FILE)), checked(row, name="new.csv")
    unwritten = checked(row, name="unwritten.csv")
    days = {old.pk: 31, new.pk: 29, unwritten.pk: 31}
    for pk, age in days.items():
        at = timezone.now() - timedelta(days=age)
        ImportFile.objects.filter(pk=pk).update(uploaded_at=at)

    forget_imports()

    assert dict(ImportFile.objects.values_list("name", "text")) == {
        "stock.csv": "",
        "new.csv": row,
        "unwritten.csv": "",
    }
    assert list(ImportStep.objects.values_list("file__name", "line")) == [("new.csv", 2)]
    old.refresh_from_db()
    assert (old.state, old.findings["row_count"]) == ("WRITTEN", 0)


def test_what_findings_quote_is_forgotten_and_how_many_there_were_is_not() -> None:
    file = checked(f"{FILE}default,Ada Lovelace,1\n")
    assert "Ada Lovelace" in str(file.findings)
    at = timezone.now() - timedelta(days=31)
    ImportFile.objects.update(uploaded_at=at, text="")

    forget_imports()

    file.refresh_from_db()
    assert "Ada Lovelace" not in str(file.findings)
    assert (file.findings["problem_count"], findings(file).problems) == (1, ())


def test_answers_of_the_api_are_deleted_after_as_many_days(settings: Settings) -> None:
    settings.IMPORT_KEPT_DAYS = 30
    user = User.objects.create(username="shop")
    for key, days in (("old", 31), ("new", 29)):
        at = timezone.now() - timedelta(days=days)
        IdempotentAnswer.objects.create(user=user, key=key, fingerprint="", created_at=at)

    forget_imports()

    assert [answer.key for answer in IdempotentAnswer.objects.all()] == ["new"]


def test_file_whose_text_is_forgotten_cannot_be_written() -> None:
    file = checked(FILE)
    ImportFile.objects.update(text="")

    with pytest.raises(imports.ImportStateError):
        imports.write(file.pk, Act(NOW), today=TODAY, progress=quiet)
    assert imports.check(file.pk, today=TODAY, progress=quiet).state == "CHECKED"


def test_forgetting_is_scheduled() -> None:
    task = PeriodicTask.objects.get(task="inventory.forget_imports")

    assert (str(task.interval), task.enabled) == ("every day", True)
