"""What a tracking number and the link of a carrier may be."""

import pytest

from fulfillment.tracking import TrackingError, check_template, link_of, read_number


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("http://track.example/{number}", "Write a link that begins with https://"),
        ("javascript:alert({number})", "Write a link that begins with https://"),
        ("//track.example/{number}", "Write a link that begins with https://"),
        ("https:///{number}", "Write a link that begins with https://"),
        ("https://localhost/{number}", "Write a link that begins with https://"),
        ("https://user:word@track.example/{number}", "Write a link that begins with https://"),
        ("https://{number}.example/", "Write {number} after the name"),
        ("https://track.example{number}/", "Write {number} after the name"),
        ("https://track.example/", "Write {number} once"),
        ("https://track.example/{number}/{number}", "Write {number} once"),
        ("https://track.example/{order}/{number}", "Write {number} once"),
        ('https://track.example/?a="onclick="&n={number}', "a character that addresses cannot"),
        ("https://track.example/<b>{number}", "a character that addresses cannot"),
        ("https://track.example/{number}\n", "a character that addresses cannot"),
        ("https://track.example/ {number}", "a character that addresses cannot"),
    ],
)
def test_what_is_no_https_link_with_the_number_in_it_is_refused(
    template: str, message: str
) -> None:
    with pytest.raises(TrackingError, match=message):
        check_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "https://track.example/{number}",
        "https://track.example/?a=1&number={number}#top",
        "https://track.example/item#/results/{number}",
    ],
)
def test_links_with_the_number_after_the_server_are_taken(template: str) -> None:
    check_template(template)


def test_the_number_stands_escaped_in_the_link() -> None:
    assert link_of("https://t.example/?n={number}&b=1", "A/B_1") == (
        "https://t.example/?n=A%2FB_1&b=1"
    )
    assert link_of("https://t.example/{number}", "\"&<'") == "https://t.example/%22%26%3C%27"
    assert link_of("", "123") == ""
    assert link_of("https://t.example/{number}", "") == ""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1Z 999 AA1 01 2345 6784", "1Z999AA10123456784"),
        (" RR-12.3/4_SE ", "RR-12.3/4_SE"),
        ("123", "123"),
        ("9" * 50, "9" * 50),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_number_is_kept_without_spaces(typed: str, number: str) -> None:
    assert read_number(typed) == number


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("12", "has 3 to 50 characters"),
        ("9" * 51, "has 3 to 50 characters"),
        ("-123", "is no tracking number"),
        ("12é4", "is no tracking number"),
        ("123?x=1", "is no tracking number"),
        ("<script>", "is no tracking number"),
        ("12\u200b34", "is no tracking number"),
    ],
)
def test_a_number_of_another_length_or_other_characters_is_refused(
    typed: str, message: str
) -> None:
    with pytest.raises(TrackingError, match=message):
        read_number(typed)
