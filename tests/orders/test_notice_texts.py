"""Texts of e-mails that staff write: what is refused, what is sent, and the way back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from orders.models import NoticeText, OrderEmail
from orders.notices.email_queue import Notice, queue_emails
from orders.notices.own_texts import (
    TextChangedError,
    check_subject,
    check_text,
    mark_of,
    restore_built_in,
    save_text,
)
from orders.notices.placeholders import PLACEHOLDERS
from orders.notices.render import render_emails
from orders.notices.send import send_queued
from orders.notices.templates import TemplateFaultError, check_template, fill_template
from orders.notices.texts import TEXTS
from tests.factories.orders import OrderFactory
from tests.inbox import text_of

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LINE = {"sku": "KTP", "name": "Kettle", "quantity": "6"}
EDIT = reverse("admin:orders_noticetext_edit", args=["CANCELED-en"])


@pytest.mark.pure
@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{{ units }} {{ password }}", "There is no placeholder password (line 1)."),
        ("{{ units }}\n{% if nobody %}x{% endif %}", "There is no placeholder nobody (line 2)."),
        ("Hello", "The text must contain the placeholder units."),
        ("{% if units %}Hello{% endif %}", "The text must contain the placeholder units."),
        ("{{ units }\n", "Line 1 cannot be read."),
        ("{{ units }}\n\n{% if total %}", "Line 3 cannot be read."),
        ("{% for a in units %}{{ a }}{% endfor %}", "Line 1 is not possible."),
        ("{{ units }}\n{% for a in range(9999999) %}x{% endfor %}", "Line 2 is not possible."),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "Line 1 is not possible."),
        ("{% set a = units %}{{ a }}", "Line 1 is not possible."),
        ("{% include 'x' %}{{ units }}", "Line 1 is not possible."),
        ("{% import 'os' as os %}{{ units }}", "Line 1 is not possible."),
        ("{% extends 'x' %}{{ units }}", "Line 1 is not possible."),
        ("{{ ''.__class__ }}", "Line 1 is not possible."),
        ("{{ units.__class__.__mro__ }}", "Line 1 is not possible."),
        ("{{ units['__class__'] }}", "Line 1 is not possible."),
        ("{{ units.format(units) }}", "Line 1 is not possible."),
        ("{{ units * 9999999999 }}", "Line 1 is not possible."),
        ("{{ 9 ** 9999999 }}", "Line 1 is not possible."),
        ("{{ units ~ units }}", "Line 1 is not possible."),
        ("{{ units if total else units }}", "Line 1 is not possible."),
        ("{{ self }}", "There is no placeholder self (line 1)."),
        ("{{ units }}" + "x" * 1_000_000, "The text has 1000011 characters. The limit is 10000."),
        ("{% if total %}" * 500 + "{% endif %}" * 100, ""),
        ("{{ " + "(" * 4000 + "units" + ")" * 4000 + " }}", ""),
        ("{{ " + "not " * 2400 + "units }}", ""),
        ("{{ units }}\x00", "The text has characters that cannot be stored."),
    ],
)
def test_what_is_no_safe_template_is_refused(source: str, fault: str) -> None:
    with pytest.raises(TemplateFaultError) as refused:
        check_template(source, placeholders=["units", "total"], required=["units"])

    assert str(refused.value).startswith(fault)


@pytest.mark.pure
def test_an_email_is_never_longer_than_its_limit() -> None:
    with pytest.raises(TemplateFaultError, match="more than 500000 characters"):
        fill_template("{{ units }}" * 20, {"units": "x" * 30_000})


@pytest.mark.pure
def test_what_fills_a_placeholder_is_no_template_itself() -> None:
    assert (
        fill_template("{{ units }}", {"units": "{{ total }}{% if x %}"}) == "{{ total }}{% if x %}"
    )


@pytest.mark.pure
def test_a_text_without_its_value_is_not_sent_with_a_gap() -> None:
    with pytest.raises(TemplateFaultError, match="cannot be filled"):
        fill_template("{{ units }}", {})


@pytest.mark.pure
@pytest.mark.parametrize("subject", ["a\nb", "{{ units }}", "{{ reason"])
def test_a_subject_is_one_line_without_the_list(subject: str) -> None:
    with pytest.raises(TemplateFaultError):
        check_subject("CANCELED", subject)


@pytest.mark.parametrize("language", ["en", "sv", "fr"])
@pytest.mark.parametrize("kind", OrderEmail.Kind.values)
def test_the_built_in_texts_are_such_as_staff_may_write(kind: str, language: str) -> None:
    with translation.override(language):
        subject, text = TEXTS[kind].template()

    check_subject(kind, subject)
    check_text(kind, text)
    assert set(TEXTS[kind].placeholders) <= set(PLACEHOLDERS)


@pytest.mark.pure
def test_an_address_in_lines_is_no_part_of_a_subject() -> None:
    with pytest.raises(TemplateFaultError):
        check_subject("READY_TO_COLLECT", "{{ store }}")


def queue(language: str = "en", name: str = "Ada", **facts: Any) -> None:
    number = "1001" if language == "en" else "1002"
    order = OrderFactory(number=number, customer_language=language, customer_name=name)
    notice = Notice(order, "x", {"lines": [LINE], **facts})
    queue_emails([notice], kind=OrderEmail.Kind.CANCELED, now=NOW)


@pytest.mark.usefixtures("sends_at_once")
def test_the_text_of_staff_is_sent_in_its_language_alone(inbox: list[Any]) -> None:
    text = "Gone:\n\n{{ units }}\n\n{% if reason %}{{ reason }}{% endif %}\n\n\n\nBye"
    save_text("CANCELED", "en", subject="Gone from {{ order_number }}", text=text, shown="")
    queue()
    queue("sv")

    send_queued(now=NOW)

    english, swedish = inbox
    assert english["Subject"] == "Gone from 1001"
    assert text_of(english) == "Gone:\n\n- 6 × Kettle (KTP)\n\nBye\n"
    assert "Hej Ada," in text_of(swedish)


@pytest.mark.usefixtures("sends_at_once")
def test_no_value_adds_a_header_a_block_or_a_tag(inbox: list[Any]) -> None:
    text = "<i>{{ customer_name }}</i>\n\n{{ units }}"
    save_text("CANCELED", "en", subject="For {{ customer_name }}", text=text, shown="")
    queue(name="Ada\r\nBcc: eve@example.com\n\n- <b>1</b>")

    send_queued(now=NOW)

    assert inbox[0]["Subject"] == "For Ada Bcc: eve@example.com - <b>1</b>"
    assert inbox[0]["Bcc"] is None
    assert text_of(inbox[0]).splitlines()[0] == ("<i>Ada Bcc: eve@example.com - <b>1</b></i>")
    html = text_of(inbox[0], "text/html")
    assert re.findall(r"<[ib]>", html) == []
    assert html.count("<li>") == 1


@pytest.mark.usefixtures("sends_at_once")
def test_a_text_that_can_no_longer_be_filled_leaves_the_email_failed(inbox: list[Any]) -> None:
    NoticeText.objects.create(kind="CANCELED", language="en", subject="x", text="{{ gone }}")
    queue()

    send_queued(now=NOW)

    email = OrderEmail.objects.get()
    assert (email.state, inbox) == ("FAILED", [])
    assert email.last_error == (
        "TemplateFaultError: The text cannot be filled: 'gone' is undefined"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (
            {"new_on": "2026-04-10", "silence": "AGREES"},
            "We now expect to send these units by 10 Apr 2026.\n\n"
            "You can wait until 10 Apr 2026, or cancel these units. "
            "We refund what you have paid for canceled units.\n"
            "If you do not answer by 20 Mar 2026, we understand that you wait. "
            "You can still cancel these units until 10 Apr 2026.",
        ),
        (
            {"new_on": None, "silence": "CANCELS"},
            "We do not know yet when we can send these units. "
            "Not all units of your order are available yet.\n\n"
            "You can wait as long as it takes, or cancel these units. "
            "If you wait, you can still cancel them until they are sent. "
            "We refund what you have paid for canceled units.\n"
            "If you do not answer by 20 Mar 2026, the delay is not accepted: "
            "we cancel these units and refund what you have paid for them.",
        ),
        (
            {"new_on": "2026-05-10", "silence": "CANCELS", "is_canceled_by_silence": False},
            "We now expect to send these units by 10 May 2026.\n\n"
            "You can wait until 10 May 2026, or cancel these units. "
            "We refund what you have paid for canceled units.\n"
            "If you do not answer by 20 Mar 2026, the delay is not accepted. "
            "Our staff then decide about these units.",
        ),
    ],
)
def test_an_email_about_a_delay_says_what_no_answer_means(facts: Any, told: str) -> None:
    asked = {"lines": [LINE], "agreed_on": "2026-03-15", "answer_by": "2026-03-20"}
    delay = {**asked, "is_canceled_by_silence": True, **facts}
    order = OrderFactory(number="1001", customer_name="Ada")
    email = OrderEmail(order=order, kind="DELAYED", language="en", context={"delays": [delay]})

    subject, text = render_emails([email])

    assert subject == "A delay of your order 1001"
    assert text == (
        "Hello Ada,\n\n"
        "Some units of your order 1001 are late.\n"
        "Please reply to this e-mail and let us know what to do.\n\n"
        f"- 6 × Kettle (KTP)\n\nThey were due by 15 Mar 2026.\n{told}\n"
    )


@pytest.mark.django_db
def test_an_email_about_a_delay_asks_for_an_answer_where_its_link_leads(settings: Any) -> None:
    settings.SITE_URL = "https://shop.example.com"
    order = OrderFactory(number="1001", customer_name="Ada")
    email = OrderEmail(order=order, kind="DELAYED", language="en", context={"delays": []})

    _subject, text = render_emails([email])

    assert "Please choose what to do on the page of your order." in text
    assert "reply" not in text
    assert text.endswith("https://shop.example.com/order/link/\n")


@pytest.mark.pure
@pytest.mark.parametrize(
    ("check", "template"),
    [(check_text, "Late: {{ order_number }}"), (check_subject, "{{ delays }}")],
)
def test_what_is_asked_about_a_delay_is_in_the_text_not_in_the_subject(
    check: Callable[[str, str], None], template: str
) -> None:
    with pytest.raises(TemplateFaultError, match="placeholder delays"):
        check("DELAYED", template)


@pytest.mark.django_db
def test_nobody_overwrites_what_somebody_else_wrote() -> None:
    text = "{{ units }}"
    save_text("CANCELED", "en", subject="First", text=text, shown="")
    first = mark_of(NoticeText.objects.get())
    save_text("CANCELED", "en", subject="Second", text=text, shown=first)

    changes: list[Callable[[], None]] = [
        lambda: save_text("CANCELED", "en", subject="Third", text=text, shown=""),
        lambda: save_text("CANCELED", "en", subject="Third", text=text, shown=first),
        lambda: restore_built_in("CANCELED", "en", shown=first),
    ]
    for change in changes:
        with pytest.raises(TextChangedError):
            change()

    assert NoticeText.objects.get().subject == "Second"


@pytest.mark.django_db
def test_the_database_refuses_an_empty_text_and_a_second_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'orders_noticetext'::regclass"
        )
        names = {name for (name,) in cursor.fetchall()}

    assert {
        "notice_text_once_per_kind_and_language",
        "notice_text_has_subject_and_text",
    } <= names


def posted(client: Client, step: str, **fields: str) -> Any:
    shown = client.get(EDIT).context["form"].initial
    return client.post(EDIT, {**shown, "step": step, **fields})


@pytest.mark.django_db
def test_a_text_is_looked_at_kept_and_given_up(admin_client: Client, admin_user: User) -> None:
    # given
    queue(refund_amount="7.50", cause="NOT_AVAILABLE")
    own = {"subject": "Gone", "text": "Gone:\r\n\r\n{{ units }}\r\n\r\n{{ refund_amount }}"}

    # when it is looked at, nothing is kept
    preview = posted(admin_client, "preview", order="1001", **own).context["preview"]
    assert preview["body"] == "Gone:\n\n- 6 × Kettle (KTP)\n\n7.50 USD\n"
    assert [block.items for block in preview["blocks"] if block.items] == [[["6 × Kettle (KTP)"]]]
    assert not NoticeText.objects.exists()

    # when it is saved
    assert posted(admin_client, "save", **own).status_code == 302
    kept = NoticeText.objects.get()
    assert kept.text == "Gone:\n\n{{ units }}\n\n{{ refund_amount }}"
    listed = admin_client.get(reverse("admin:orders_noticetext_changelist")).text
    assert listed.count("Own text</a>") == 1
    history = admin_client.get(reverse("admin:orders_noticetext_history", args=[kept.pk]))
    assert [entry["username"] for entry in history.context["entries"]] == [admin_user.username]

    # when it is given up
    posted(admin_client, "restore")
    assert not NoticeText.objects.exists()
    assert "Hello {{ customer_name }}," in admin_client.get(EDIT).context["form"].initial["text"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("text", "{{ units }} {{ nothing }}", "There is no placeholder nothing (line 1)."),
        ("text", "Hello", "The text must contain the placeholder units."),
        ("text", "", "This field is required."),
        ("subject", "{{ units }}", "There is no placeholder units (line 1)."),
        ("shown", "somebody", "Somebody else has changed this text."),
    ],
)
def test_a_fault_is_shown_and_nothing_is_kept(
    admin_client: Client, field: str, value: str, fault: str
) -> None:
    answer = posted(admin_client, "save", **{field: value})

    assert answer.status_code == 200
    assert fault in answer.text
    assert not NoticeText.objects.exists()


@pytest.mark.django_db
def test_a_preview_of_no_order_says_so(admin_client: Client) -> None:
    assert (
        "There is no order with this number."
        in posted(admin_client, "preview", order="nowhere").text
    )
    # Before the first order, one is made up.
    assert "Kettle" in posted(admin_client, "preview").context["preview"]["body"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["CANCELED-nl/", "NOTHING-en/", "CANCELED/"])
def test_other_kinds_and_languages_have_no_page(admin_client: Client, address: str) -> None:
    assert admin_client.get(f"/admin/orders/noticetext/text/{address}").status_code == 404
